/** Everything that can go wrong, as one typed error. */
import type { components } from "./schema.js";

/** Codes that the service answers with; `docs/reference/errors.md` says what each means. */
export type ServerErrorCode = components["schemas"]["ErrorDetail"]["error"];

/** Codes of what goes wrong on this side, or between the browser and the bucket. */
export type ClientErrorCode =
  /** No answer: the connection, or the server, is gone. */
  | "network"
  /** The server is there, and the browser may not talk to it from this page. */
  | "cors"
  /** The bucket says that the signature is too old, and a new one did not help. */
  | "expired"
  /** Stopped by the caller's signal. */
  | "aborted"
  /** The page's own Content-Security-Policy forbids the address. */
  | "csp"
  /** The clocks of the service and of the bucket disagree. */
  | "clock_skew"
  /** The signature is for another region than the bucket's. */
  | "wrong_region"
  /** The bucket found the upload to differ from what was signed. */
  | "policy_refused"
  /** The bucket refused for another reason; the message has its code. */
  | "storage_refused"
  /** The browser can't read the file (any more). */
  | "unreadable_file"
  /** Something else than GridBoss Assets answers at `baseUrl`. */
  | "unexpected_answer";

export type ErrorCode = ServerErrorCode | ClientErrorCode;

export interface ErrorDetails {
  /** The HTTP status, where there was an answer. */
  status?: number | undefined;
  /** Whether the same call may succeed later. */
  retryable?: boolean | undefined;
  /** How long the server asked to wait, in seconds. */
  retryAfter?: number | undefined;
  /** Finds the line in the server's log. */
  requestId?: string | undefined;
  /** What was thrown underneath. */
  cause?: unknown;
}

/** An error with a stable `code` for programs and a `message` that can be shown to a person. */
export class AssetsError extends Error {
  override readonly name = "AssetsError";
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    { status, retryable = false, retryAfter, requestId, cause }: ErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }
}

/** The error of a call that its caller stopped. */
export const aborted = (cause?: unknown): AssetsError =>
  new AssetsError("aborted", "Stopped before it was finished.", { retryable: true, cause });
