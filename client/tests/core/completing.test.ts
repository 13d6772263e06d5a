import { describe, expect } from "vitest";
import { drop, json, refused, text } from "./server.js";
import {
  COMPLETE,
  completed,
  failure,
  METHODS,
  picture,
  play,
  SEND,
  SIGN,
  said,
  test,
} from "./support.js";

const DONE = json(completed("avatars/driver-7/1.png"));

/** Final answers of `complete`, by docs/reference/errors.md. */
const REFUSALS: [number, string][] = [
  [400, "content_mismatch"],
  [400, "empty_object"],
  [400, "inspection_failed"],
  [400, "invalid_document"],
  [400, "invalid_image"],
  [400, "invalid_object_key"],
  [400, "malware_found"],
  [400, "s3_not_enabled"],
  [400, "unsafe_document"],
  [401, "unauthenticated"],
  [403, "forbidden"],
  [413, "object_too_large"],
  [413, "request_too_large"],
  [415, "unsupported_media_type"],
  [422, "invalid_request"],
  [503, "misconfigured"],
];

test.for(REFUSALS)(
  "a refusal is passed on as it is: %i %s",
  async ([status, code], { service, bucket, client }) => {
    play("POST", service, bucket);
    service.answer(COMPLETE, refused(status, code, { "X-Request-ID": "req-1" }));
    const error = await failure(client().upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({
      code,
      status,
      message: `The message of ${code}.`,
      requestId: "req-1",
      retryable: false,
    });
    expect(service.of(COMPLETE)).toHaveLength(1);
  },
);

/** Answers that may be another the next time. */
const PASSING: [number, string][] = [
  [409, "object_changed"],
  [429, "too_many_requests"],
  [500, "internal_error"],
  [502, "storage_error"],
  [502, "precondition_failed"],
  [503, "storage_unavailable"],
  [503, "inspection_busy"],
  [503, "service_busy"],
  [503, "inspection_unavailable"],
  [503, "scanner_unavailable"],
  [503, "sign_in_unavailable"],
];

test.for(PASSING)(
  "`complete` is repeated, and nothing is sent again: %i %s",
  async ([status, code], { service, bucket, client }) => {
    play("POST", service, bucket);
    service.answer(COMPLETE, refused(status, code), DONE);
    await client().upload(picture(), { kind: "avatar" });
    expect(service.of(COMPLETE)).toHaveLength(2);
    expect(bucket.of(SEND.POST)).toHaveLength(1);
  },
);

test.for(PASSING)(
  "an answer that stays is final after `tries`: %i %s",
  async ([status, code], { service, bucket, client }) => {
    play("POST", service, bucket);
    service.answer(COMPLETE, refused(status, code, { "X-Request-ID": "req-1" }));
    const error = await failure(client({ tries: 3 }).upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code, status, requestId: "req-1", retryable: true });
    expect(service.of(COMPLETE)).toHaveLength(3);
  },
);

describe.each(METHODS)("With %s", (method) => {
  test("after a refused file another one is accepted", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    service.answer(COMPLETE, refused(400, "invalid_image"), DONE);
    const assets = client();
    const error = await failure(assets.upload(picture("BAD"), { kind: "avatar" }));
    expect(error.code).toBe("invalid_image");
    await expect(assets.upload(picture("GOOD"), { kind: "avatar" })).resolves.toBeDefined();
    expect(service.of(SIGN)).toHaveLength(2);
  });

  test("a lost answer of `complete` is asked for again", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    service.answer(COMPLETE, drop, DONE);
    await client().upload(picture(), { kind: "avatar" });
    expect(service.of(COMPLETE).map(said)).toEqual([
      { objectKey: "avatars/driver-7/1.png" },
      { objectKey: "avatars/driver-7/1.png" },
    ]);
    expect(bucket.of(SEND[method])).toHaveLength(1);
  });

  test("a refusal that got lost comes out by another upload", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    service.answer(
      COMPLETE,
      drop, // of the refusal: the service has deleted the file
      refused(404, "object_not_found"),
      refused(400, "invalid_image"),
    );
    const error = await failure(client().upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({
      code: "invalid_image",
      message: "The message of invalid_image.",
    });
    expect(service.of(SIGN)).toHaveLength(2);
    expect(bucket.of(SEND[method])).toHaveLength(2);
    expect(service.of(COMPLETE).map((each) => said(each).objectKey)).toEqual([
      "avatars/driver-7/1.png",
      "avatars/driver-7/1.png",
      "avatars/driver-7/2.png",
    ]);
  });
});

test("a refusal that got lost comes out although the bucket was busy before", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  bucket.answer(SEND.POST, text(503), text(204));
  service.answer(COMPLETE, refused(404, "object_not_found"), refused(400, "invalid_image"));
  const error = await failure(client().upload(picture(), { kind: "avatar" }));
  expect(error.code).toBe("invalid_image");
});

test("a file that is gone each time is `object_not_found`", async ({ service, bucket, client }) => {
  play("POST", service, bucket);
  service.answer(COMPLETE, refused(404, "object_not_found", { "X-Request-ID": "req-1" }));
  const error = await failure(client().upload(picture(), { kind: "avatar" }));
  expect(error).toMatchObject({ code: "object_not_found", status: 404, requestId: "req-1" });
  expect(bucket.of(SEND.POST)).toHaveLength(2);
});
