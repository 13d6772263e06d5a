/** The caller's access token: kept for this tab alone, and gone with it. */
import { useSyncExternalStore } from "react";

const KEY = "gridboss-assets.token";
const CHANGED = "gridboss-token";

let changes = 0;

export const readToken = (): string | null => sessionStorage.getItem(KEY);

export function writeToken(token: string): void {
  if (token === "") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  changes += 1;
  window.dispatchEvent(new Event(CHANGED));
}

/** A number that grows with every change: what failed for want of a token may be tried again. */
export function useTokenChanges(): number {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener(CHANGED, listener);
      return () => window.removeEventListener(CHANGED, listener);
    },
    () => changes,
  );
}
