/**
 * Why there was no answer. A script is told the same of a lost network, a CORS refusal and a
 * Content-Security-Policy (Fetch Standard §5.6: "network error"), so this looks for itself.
 */
import { AssetsError } from "./errors.js";
import { isOffline, stoppable } from "./waiting.js";

const PROBE_MS = 10_000;

/**
 * `rule`: where this page's origin has to be added if CORS is the reason; nothing where the page has
 * read an answer, and so may. Signatures and tokens take no part in the probe.
 */
export async function unreachable(
  address: string,
  rule: string | undefined,
  signal: AbortSignal | undefined,
): Promise<AssetsError> {
  const page = globalThis.location?.origin;
  const { origin, pathname } = new URL(address, globalThis.location?.href);
  if (isOffline()) {
    return new AssetsError("network", "There is no network. Try again when it is back.", {
      retryable: true,
    });
  }
  const found =
    page === undefined || rule === undefined ? "nothing" : await probe(origin, pathname, signal);
  if (found === "policy") {
    return new AssetsError(
      "csp",
      `This page's Content-Security-Policy blocks ${origin}. Add it to connect-src.`,
    );
  }
  if (found === "answer" && origin !== page) {
    return new AssetsError(
      "cors",
      `${origin} answers, but lets no page of ${page} read it. Add ${page} to ${rule}.`,
      { retryable: true },
    );
  }
  return new AssetsError(
    "network",
    `The connection to ${origin} failed. Check the network and try again.`,
    { retryable: true },
  );
}

/** Ask for anything, without wanting to read it: an answer says that the server can be reached. */
function probe(
  origin: string,
  pathname: string,
  signal: AbortSignal | undefined,
): Promise<"answer" | "policy" | "nothing"> {
  return stoppable(signal, (resolve) => {
    const blocked = (event: SecurityPolicyViolationEvent) => {
      if (event.blockedURI.startsWith(origin)) resolve("policy");
    };
    const done = new AbortController();
    let late: ReturnType<typeof setTimeout>;
    addEventListener("securitypolicyviolation", blocked);
    fetch(origin + pathname, {
      mode: "no-cors",
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.any([done.signal, AbortSignal.timeout(PROBE_MS)]),
    }).then(
      () => resolve("answer"),
      // The violation is reported in a task of its own, which may come after this.
      () => {
        if (!done.signal.aborted) late = setTimeout(resolve, 50, "nothing");
      },
    );
    return () => {
      removeEventListener("securitypolicyviolation", blocked);
      clearTimeout(late);
      done.abort();
    };
  });
}
