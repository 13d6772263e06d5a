/** What axe finds in Uppy itself and stays, each by name. */
export interface AxeException {
  /** The id of the rule. */
  readonly rule: string;
  /** What is found; everything else that breaks the rule is ours. */
  readonly selector: string;
  readonly why: string;
}

export const AXE_EXCEPTIONS: readonly AxeException[] = [];
