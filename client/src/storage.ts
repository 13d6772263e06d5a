/** What the bucket says for itself, in XML, as an error that tells a person what to do. */
import { AssetsError, type ErrorCode } from "./errors.js";

/** [what the bucket says, code, message, whether it may pass]; the first that fits counts. */
const ANSWERS: readonly [RegExp, ErrorCode, string, boolean?][] = [
  [/^EntityTooLarge/, "object_too_large", "The file is larger than allowed. Choose a smaller one."],
  [/^EntityTooSmall/, "empty_object", "The file is smaller than allowed. Choose another one."],
  [
    /^RequestTimeTooSkewed|not yet valid|not valid yet/,
    "clock_skew",
    "The clocks of the service and of the bucket disagree. Set the service's clock (NTP).",
  ],
  [
    /^ExpiredToken|^TokenRefreshRequired|expired\.?$/,
    "expired",
    "The signature has expired. Start the upload again.",
    true,
  ],
  [
    /^AuthorizationHeaderMalformed|^AuthorizationQuery.*region|^IllegalLocation|^\w+Redirect/,
    "wrong_region",
    "The bucket is in another region than the service signs for. Set S3_REGION to the bucket's.",
  ],
  [
    /according to Policy|^InvalidPolicyDocument|^MalformedPOST|^MissingFields/,
    "policy_refused",
    "The upload differs from what was signed. Choose the file again.",
  ],
  [
    /^SignatureDoesNotMatch|^InvalidAccessKeyId|^InvalidToken/,
    "storage_refused",
    "The bucket does not accept the signature. Check the service's S3_ACCESS_KEY and S3_SECRET_KEY.",
  ],
  [
    /^AccessDenied/,
    "storage_refused",
    "The service's keys may not write to the bucket. Check their IAM policy and the bucket policy.",
  ],
  [/^NoSuchBucket/, "storage_refused", "The bucket does not exist. Check S3_BUCKET."],
  [
    /^SlowDown|^ServiceUnavailable|^InternalError|^RequestTimeout |^OperationAborted|^Conditional/,
    "storage_unavailable",
    "The bucket is busy. Try again later.",
    true,
  ],
];

/** `text`: the body, an `<Error>` with `<Code>` and `<Message>` (S3 API Reference, "Error responses"). */
export function storageRefusal(status: number, text: string): AssetsError {
  const code = status === 413 ? "EntityTooLarge" : (/<Code>(\w+)/.exec(text)?.[1] ?? "");
  const said = `${code} ${/<Message>([^<]*)/.exec(text)?.[1]}`;
  const known = ANSWERS.find(([pattern]) => pattern.test(said));
  if (known) return new AssetsError(known[1], known[2], { status, retryable: known[3] });
  return new AssetsError(
    "storage_refused",
    `The bucket refused the file (${code || status}). Try again later.`,
    { status, retryable: status >= 500 || status === 408 || status === 429 },
  );
}
