/** What was sent beside what everybody gets: the very bytes behind the link. */
import { hasPosition } from "../gps.js";

export interface Comparison {
  readonly before: boolean;
  /** Unknown where another bucket's CORS rules keep the page from reading what it may show. */
  readonly after: boolean | undefined;
}

export async function compare(sent: Blob, url: string): Promise<Comparison> {
  // Not from the cache: there it may stand as the answer to an <img>, without CORS headers.
  const sealed = await fetch(url, { cache: "no-store" })
    .then((answer) => (answer.ok ? answer.blob() : undefined))
    .catch(() => undefined);
  return { before: await hasPosition(sent), after: sealed && (await hasPosition(sealed)) };
}
