/** Whether anything stands behind a signed URL, and links that could not be had. */

import type { AssetsError } from "@gridboss/assets";
import { useEffect, useState } from "react";
import { useTokenChanges } from "./token.js";

/** Is the object gone? Unknown counts as no: links are signed without a look at the bucket. */
export async function isGone(url: string): Promise<boolean> {
  // A GET, as that is what the URL is signed for; the first byte is enough.
  const answer = await fetch(url, { headers: { Range: "bytes=0-0" }, cache: "no-store" }).catch(
    () => null,
  );
  await answer?.body?.cancel();
  return answer?.status === 404;
}

export function useIsGone(url: string | undefined, ask: boolean): boolean {
  const [gone, setGone] = useState(false);
  useEffect(() => {
    if (!ask || url === undefined) return;
    let current = true;
    isGone(url).then((answer) => current && setGone(answer));
    return () => {
      current = false;
    };
  }, [url, ask]);
  return gone;
}

/** Ask once more for a link that could not be had with the token of before. */
export function useRetryWithToken(error: AssetsError | undefined, refresh: () => unknown): void {
  const changes = useTokenChanges();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new token is the only reason to retry
  useEffect(() => {
    if (changes > 0 && error !== undefined) refresh();
  }, [changes]);
}
