/** What buckets say when they refuse, in the words of AWS and of SeaweedFS. */
import type { ErrorCode } from "@gridboss/assets";
import { expect } from "vitest";
import { text, xml } from "./server.js";
import { COMPLETE, failure, type Method, picture, play, SEND, SIGN, test } from "./support.js";

const ARN = "arn:aws:sts::123456789012:assumed-role/gridboss/i-0abc";
const SKEWED = "The difference between the request time and the current time is too large.";
const REGION = "the region 'us-east-1' is wrong; expecting 'eu-west-1'";
const POLICY = "Invalid according to Policy: ";

type Refusal = [method: Method, status: number, code: string, message: string];

const FINAL: [ErrorCode, RegExp, Refusal][] = [
  // SeaweedFS
  [
    "policy_refused",
    /Choose the file again/,
    ["POST", 403, "AccessDenied", `${POLICY}Policy Condition failed`],
  ],
  [
    "policy_refused",
    /Choose the file again/,
    ["POST", 403, "AccessDenied", `${POLICY}Extra input fields: X-Amz-Meta-Foo`],
  ],
  [
    "object_too_large",
    /smaller/,
    [
      "POST",
      400,
      "EntityTooLarge",
      "Your proposed upload exceeds the maximum allowed object size.",
    ],
  ],
  [
    "empty_object",
    /smaller than allowed/,
    [
      "POST",
      400,
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed object size.",
    ],
  ],
  [
    "storage_refused",
    /S3_SECRET_KEY/,
    [
      "PUT",
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ],
  ],
  [
    "storage_refused",
    /S3_ACCESS_KEY/,
    [
      "POST",
      403,
      "InvalidAccessKeyId",
      "The access key ID you provided does not exist in our records.",
    ],
  ],
  ["storage_refused", /IAM policy/, ["PUT", 403, "AccessDenied", "Access Denied."]],
  [
    "storage_refused",
    /S3_BUCKET/,
    ["PUT", 404, "NoSuchBucket", "The specified bucket does not exist"],
  ],
  // AWS
  [
    "policy_refused",
    /Choose the file again/,
    [
      "POST",
      403,
      "AccessDenied",
      `${POLICY}Policy Condition failed: ["eq", "$Content-Type", "image/png"]`,
    ],
  ],
  [
    "policy_refused",
    /Choose the file again/,
    [
      "POST",
      403,
      "AccessDenied",
      `${POLICY}Policy Condition failed: ["eq", "$x-amz-meta-filename", "expired.png"]`,
    ],
  ],
  [
    "policy_refused",
    /Choose the file again/,
    ["POST", 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."],
  ],
  [
    "wrong_region",
    /S3_REGION/,
    [
      "POST",
      400,
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; ${REGION}`,
    ],
  ],
  [
    "wrong_region",
    /S3_REGION/,
    [
      "PUT",
      400,
      "AuthorizationQueryParametersError",
      `Error parsing the X-Amz-Credential parameter; ${REGION}`,
    ],
  ],
  [
    "wrong_region",
    /S3_REGION/,
    [
      "PUT",
      301,
      "PermanentRedirect",
      "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
    ],
  ],
  ["clock_skew", /clock/, ["POST", 403, "RequestTimeTooSkewed", SKEWED]],
  ["clock_skew", /clock/, ["PUT", 403, "AccessDenied", "Request is not yet valid"]],
  [
    "storage_refused",
    /IAM policy/,
    [
      "POST",
      403,
      "AccessDenied",
      `User: ${ARN} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::bucket/pending/1.png" because no identity-based policy allows the s3:PutObject action`,
    ],
  ],
  [
    "storage_refused",
    /IAM policy/,
    [
      "PUT",
      403,
      "AccessDenied",
      `User: ${ARN} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::bucket/pending/1.png" with an explicit deny in a resource-based policy`,
    ],
  ],
  ["storage_refused", /KeyTooLongError/, ["PUT", 400, "KeyTooLongError", "Your key is too long"]],
];

test.for(FINAL)(
  "%s, %s: %j",
  async ([code, message, [method, status, ...said]], { service, bucket, client }) => {
    play(method, service, bucket);
    bucket.answer(SEND[method], xml(status, ...said));
    const error = await failure(client().upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code, status, retryable: false });
    expect(error.message).toMatch(message);
    expect(bucket.of(SEND[method])).toHaveLength(1);
    expect(service.of(COMPLETE)).toHaveLength(0);
  },
);

const PASSING: Refusal[] = [
  ["PUT", 503, "SlowDown", "Please reduce your request rate."],
  ["POST", 503, "ServiceUnavailable", "Please reduce your request rate."],
  ["POST", 500, "InternalError", "We encountered an internal error. Please try again."],
  [
    "PUT",
    400,
    "RequestTimeout",
    "Your socket connection to the server was not read from or written to within the timeout period.",
  ],
  [
    "PUT",
    409,
    "ConditionalRequestConflict",
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
  ],
  [
    "POST",
    409,
    "OperationAborted",
    "A conflicting conditional operation is currently in progress against this resource. Please try again.",
  ],
];

test.for(PASSING)(
  "the same signature is used again: %s %i %s",
  async ([method, ...said], { service, bucket, client }) => {
    play(method, service, bucket);
    bucket.answer(SEND[method], xml(...said), text(200));
    await client().upload(picture(), { kind: "avatar" });
    expect(bucket.of(SEND[method])).toHaveLength(2);
    expect(service.of(SIGN)).toHaveLength(1);
  },
);

test.for(PASSING)(
  "and when it stays it is storage_unavailable: %s %i %s",
  async (refusal, { service, bucket, client }) => {
    const [method, status, ...said] = refusal;
    play(method, service, bucket);
    bucket.answer(SEND[method], xml(status, ...said));
    const error = await failure(client({ tries: 3 }).upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code: "storage_unavailable", status, retryable: true });
    expect(bucket.of(SEND[method])).toHaveLength(3);
  },
);

const EXPIRED: Refusal[] = [
  ["POST", 403, "AccessDenied", `${POLICY}Policy expired`], // SeaweedFS
  ["PUT", 403, "AccessDenied", "Request has expired"], // SeaweedFS and AWS
  ["POST", 403, "AccessDenied", `${POLICY}Policy expired.`], // AWS
  ["POST", 400, "ExpiredToken", "The provided token has expired."],
  ["PUT", 400, "TokenRefreshRequired", "The provided token must be refreshed."],
];

test.for(EXPIRED)(
  "a new signature is asked for: %s %i %s, %s",
  async ([method, ...said], { service, bucket, client }) => {
    play(method, service, bucket);
    bucket.answer(SEND[method], xml(...said), text(200));
    const { objectKey } = await client().upload(picture(), { kind: "avatar" });
    expect(objectKey).toBe("avatars/driver-7/2.png");
    expect(service.of(SIGN)).toHaveLength(2);
  },
);

test.for(EXPIRED)(
  "a new one that is too old as well is a wrong clock: %s %i %s, %s",
  async ([method, status, ...said], { service, bucket, client }) => {
    play(method, service, bucket);
    bucket.answer(SEND[method], xml(status, ...said));
    const error = await failure(client().upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code: "clock_skew", status });
    expect(error.message).toMatch(/clock/);
    expect(service.of(SIGN)).toHaveLength(2);
  },
);

const FOREIGN: [string, number, string, boolean][] = [
  ["no XML, refused", 403, "Forbidden", false],
  ["nothing, refused", 400, "", false],
  ["nothing, broken", 502, "", true],
  ["HTML, broken", 504, "<html><body><h1>504 Gateway Timeout</h1></body></html>", true],
  ["nothing, too slow", 408, "", true],
  ["nothing, too often", 429, "", true],
];

test.for(FOREIGN)(
  "what is no answer of a bucket is told by its status: %s (%i)",
  async ([, status, body, retryable], { service, bucket, client }) => {
    play("POST", service, bucket);
    bucket.answer(SEND.POST, text(status, body));
    const error = await failure(client({ tries: 2 }).upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code: "storage_refused", status, retryable });
    expect(error.message).toContain(`(${status})`);
    expect(bucket.of(SEND.POST)).toHaveLength(retryable ? 2 : 1);
  },
);

test("413 means too large, whoever says it", async ({ service, bucket, client }) => {
  play("POST", service, bucket);
  bucket.answer(SEND.POST, text(413, "<html>413 Request Entity Too Large</html>"));
  const error = await failure(client().upload(picture(), { kind: "avatar" }));
  expect(error).toMatchObject({ code: "object_too_large", status: 413 });
});

test("what a bucket quotes of the request is not in the error", async ({
  service,
  bucket,
  client,
}) => {
  play("PUT", service, bucket);
  bucket.answer(SEND.PUT, (response, { url }) => {
    const quoted = `<StringToSign>${url}</StringToSign><Code>Unknown</Code>`;
    response.writeHead(400).end(`<Error>${quoted}<Message>${url}</Message></Error>`);
  });
  const error = await failure(client().upload(picture(), { kind: "avatar" }));
  expect(error.message).toContain("(Unknown)");
});
