/** Requests to the service: token, retries, and its errors as ours. */
import { Batches, type LinkOptions } from "./batches.js";
import { AssetsError, aborted, type ErrorCode } from "./errors.js";
import { DownloadLink, type SignedLink } from "./link.js";
import type { AssetsOptions } from "./types.js";
import { unreachable } from "./unreachable.js";
import { isOffline, type Patience, stoppable, Tries } from "./waiting.js";

/** Longer than the service itself takes over its longest inspection. */
const ANSWER_MS = 90_000;

export interface ApiRequest {
  /** What the answer has, besides `expiresIn`, which each of them has. */
  needs?: readonly string[] | undefined;
  body?: object | undefined;
  signal?: AbortSignal | undefined;
  onWait?: ((waiting: boolean) => void) | undefined;
  /** Whether the answer may take as long as it likes. */
  unlimited?: boolean;
}

export class Api {
  readonly patience: Patience;
  readonly #base: string;
  readonly #batches = new Batches(this);
  readonly #getToken: AssetsOptions["getToken"];
  /** Whether this page has read an answer: then no failure is a matter of CORS. */
  #readable = false;

  constructor({ baseUrl, getToken, tries = 5, maxWait = 120_000 }: AssetsOptions) {
    if (typeof baseUrl !== "string") {
      throw new TypeError('createAssets needs a baseUrl, such as "/assets"; "" is this origin.');
    }
    try {
      new URL(baseUrl, globalThis.location?.href ?? "http://localhost");
    } catch {
      throw new TypeError(`createAssets: ${JSON.stringify(baseUrl)} is no address.`);
    }
    this.#base = baseUrl.replace(/\/+$/, "");
    this.#getToken = getToken;
    this.patience = { tries, maxWait };
  }

  /** Every request of this service may be repeated, so each is until it is answered for good. */
  async request<T>(method: string, path: string, request: ApiRequest = {}): Promise<T> {
    const tries = new Tries(this.patience, request.signal, request.onWait);
    for (;;) {
      try {
        return await stoppable<T>(request.signal, (resolve, reject) => {
          this.#withToken(method, path, request, answered<T>(request)).then(resolve, reject);
          return () => {};
        });
      } catch (error) {
        await tries.again(error as AssetsError);
      }
    }
  }

  /** An answer that is read while it comes. One try; `signal` stops it, also while it is read. */
  stream(path: string, signal: AbortSignal): Promise<Response> {
    return stoppable<Response>(signal, (resolve, reject) => {
      this.#withToken("GET", path, { signal, unlimited: true }, async (answer) => {
        if (answer.ok) return answer;
        throw refusal(answer, parse(await answer.text()));
      }).then(resolve, reject);
      return () => {};
    });
  }

  /** A link to an object, which signs itself again. `since`: when `current` was asked for. */
  link(objectKey: string, current: SignedLink, since: number, options?: LinkOptions): DownloadLink {
    return new DownloadLink(objectKey, current, since, () => this.sign(objectKey, options));
  }

  /** Together with others that are asked for now. */
  sign(objectKey: string, options?: LinkOptions, signal?: AbortSignal): Promise<SignedLink> {
    return this.#batches.sign(objectKey, options, signal);
  }

  /** The address that leads to an object for as long as it exists. */
  permalink(objectKey: string): string {
    const segments = objectKey.split("/");
    // A browser would resolve these before it asks, and lead elsewhere.
    if (segments.some((segment) => /^\.{0,2}$/.test(segment))) {
      throw new AssetsError("invalid_object_key", "That is no object key of this service.");
    }
    return `${this.#base}/assets/${segments.map(encodeURIComponent).join("/")}`;
  }

  /** A token may expire on its way: where there is a newer one, one refusal is not the last word. */
  async #withToken<T>(
    method: string,
    path: string,
    request: ApiRequest,
    read: Reading<T>,
  ): Promise<T> {
    const token = await this.#token();
    try {
      return await this.#once(method, path, request, read, token);
    } catch (error) {
      if ((error as AssetsError).status !== 401) throw error;
      const newer = await this.#token();
      if (!newer || newer === token) throw error;
      return await this.#once(method, path, request, read, newer);
    }
  }

  async #token(): Promise<string | null | undefined> {
    try {
      return await this.#getToken?.();
    } catch (cause) {
      const [code, message]: [ErrorCode, string] = isOffline()
        ? ["network", "There is no network. Try again when it is back."]
        : ["unauthenticated", "No access token could be had. Sign in and try again."];
      throw new AssetsError(code, message, { retryable: code === "network", cause });
    }
  }

  async #once<T>(
    method: string,
    path: string,
    { body, signal, unlimited }: ApiRequest,
    read: Reading<T>,
    token: string | null | undefined,
  ): Promise<T> {
    const url = this.#base + path;
    const headers = headersOf(token, body);
    const timeout = unlimited ? undefined : AbortSignal.timeout(ANSWER_MS);
    try {
      const answer = await fetch(url, {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.any([signal, timeout].filter((each) => each !== undefined)),
      });
      this.#readable = true;
      return await read(answer);
    } catch (cause) {
      if (cause instanceof AssetsError) throw cause;
      if (signal?.aborted) throw aborted(cause);
      const mayBeCors = !this.#readable && !timeout?.aborted;
      throw await unreachable(url, mayBeCors ? "CORS_ORIGINS of the service" : undefined, signal);
    }
  }
}

type Reading<T> = (answer: Response) => Promise<T>;

/** The whole answer, if it is one of ours. */
const answered =
  <T>({ needs = [] }: ApiRequest): Reading<T> =>
  async (answer) => {
    const data = parse(await answer.text());
    const isOurs = data && ["expiresIn", ...needs].every((name) => name in data);
    if (answer.ok && isOurs) return data as T;
    throw refusal(answer, data);
  };

/** Without a cause: it would quote the token. */
function headersOf(token: string | null | undefined, body: object | undefined): Headers {
  try {
    return new Headers({
      ...(body && { "Content-Type": "application/json" }),
      ...(token && { Authorization: `Bearer ${token}` }),
    });
  } catch {
    const message = "The access token holds characters that no header takes. Sign in again.";
    throw new AssetsError("unauthenticated", message);
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === "object" && data ? (data as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function refusal(answer: Response, data: Record<string, unknown> | undefined): AssetsError {
  const { status, headers } = answer;
  const detail = data?.detail as { error?: ErrorCode; message?: string } | undefined;
  const details = {
    status,
    retryable: mayPass(status, detail?.error),
    retryAfter: seconds(headers.get("Retry-After")),
    requestId: headers.get("X-Request-ID") ?? undefined,
  };
  if (detail?.error && detail.message)
    return new AssetsError(detail.error, detail.message, details);
  const what =
    status < 500
      ? "is no answer of GridBoss Assets. See that baseUrl is its address"
      : "comes from something before the service. Try again later";
  return new AssetsError("unexpected_answer", `Status ${status} ${what}.`, details);
}

/** 4xx is for the caller to mend, but for two; `misconfigured` waits for the operator. */
function mayPass(status: number, code: string | undefined): boolean {
  return (status >= 500 && code !== "misconfigured") || status === 429 || code === "object_changed";
}

/** Retry-After is a number of seconds or a date (RFC 9110 §10.2.3). */
function seconds(header: string | null): number | undefined {
  if (!header) return undefined;
  const value = Number(header);
  const found = Number.isNaN(value) ? (Date.parse(header) - Date.now()) / 1000 : value;
  return found >= 0 ? found : undefined;
}
