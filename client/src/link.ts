/** A link to an object that signs itself again before it expires. */

/** What the service answers about one link. `expiresIn` is in seconds. */
export interface SignedLink {
  readonly url: string;
  readonly expiresIn: number;
}

export class DownloadLink {
  #current: SignedLink;
  #since: number;
  #refreshing: Promise<void> | undefined;
  readonly #sign: () => Promise<SignedLink>;

  /** `since`: when the link was asked for, in ms as `Date.now()` has them. */
  constructor(
    readonly objectKey: string,
    current: SignedLink,
    since: number,
    sign: () => Promise<SignedLink>,
  ) {
    this.#current = current;
    this.#since = since;
    this.#sign = sign;
  }

  /** When the present URL stops working, in ms as `Date.now()` has them. */
  get expiresAt(): number {
    return this.#since + this.#current.expiresIn * 1000;
  }

  /** When `url()` signs again: with less than a tenth of its life left. */
  get refreshAt(): number {
    return this.#since + this.#current.expiresIn * 900;
  }

  /**
   * The URL, signed again when less than a tenth of its life is left. Callers at the same time
   * share one request. Rejects with an `AssetsError` when there is no URL that works.
   */
  async url(): Promise<string> {
    if (Date.now() >= this.refreshAt) {
      try {
        await this.refresh();
      } catch (error) {
        if (Date.now() >= this.expiresAt) throw error;
      }
    }
    return this.#current.url;
  }

  /** Sign again, whatever is left. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#renew().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #renew(): Promise<void> {
    const since = Date.now();
    this.#current = await this.#sign();
    this.#since = since;
  }
}
