/** What goes wrong on the way to the bucket, and is mended without the person. */
import { describe, expect, vi } from "vitest";
import { drop, json, refused, stall, text, xml } from "./server.js";
import {
  COMPLETE,
  failure,
  METHODS,
  picture,
  play,
  reportSent,
  SEND,
  SIGN,
  said,
  signed,
  stopTime,
  test,
  until,
} from "./support.js";

const EXPIRED = xml(403, "AccessDenied", "Request has expired");

describe.each(METHODS)("With %s", (method) => {
  test("a file is sent again with the same signature after the connection broke", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    reportSent([50]);
    bucket.answer(SEND[method], drop, text(200));
    const { objectKey } = await client().upload(picture(), { kind: "avatar" });
    expect(objectKey).toBe("avatars/driver-7/1.png");
    expect(bucket.of(SEND[method])).toHaveLength(2);
    expect(service.of(SIGN)).toHaveLength(1);
  });

  test("a connection that breaks each time is a `network` error after `tries`", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    reportSent([50], [50], [50]);
    bucket.answer(SEND[method], drop);
    const error = await failure(client({ tries: 3 }).upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code: "network", retryable: true });
    expect(bucket.of(SEND[method])).toHaveLength(3);
  });

  test("a file whose answer got lost is completed, and not sent again", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    reportSent([100]);
    bucket.answer(SEND[method], drop);
    await client().upload(picture(), { kind: "avatar" });
    expect(bucket.of(SEND[method])).toHaveLength(1);
    expect(service.of(COMPLETE)).toHaveLength(1);
  });

  test("a file whose answer this page may not read is completed", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    reportSent([100]);
    bucket.cors = "preflight";
    await client().upload(picture(), { kind: "avatar" });
    expect(bucket.of(SEND[method])).toHaveLength(1);
  });

  test("a file whose answer got lost is sent again when `complete` knows nothing of it", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    reportSent([100], [100]);
    bucket.answer(SEND[method], drop, text(200));
    const done = json({ objectKey: "avatars/driver-7/1.png", url: "", expiresIn: 60 });
    service.answer(COMPLETE, refused(404, "object_not_found"), done);
    await client().upload(picture(), { kind: "avatar" });
    expect(bucket.of(SEND[method])).toHaveLength(2);
    expect(service.of(SIGN)).toHaveLength(1);
  });

  test("a bucket that lets go of nothing for a minute has lost the connection", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    reportSent([50]);
    bucket.answer(SEND[method], stall, text(200));
    stopTime();
    const done = client().upload(picture(), { kind: "avatar" });
    const first = await bucket.arrival(SEND[method]);
    await vi.advanceTimersByTimeAsync(60_000);
    await first.left;
    await vi.advanceTimersByTimeAsync(1000);
    await expect(done).resolves.toMatchObject({ objectKey: "avatars/driver-7/1.png" });
    expect(bucket.of(SEND[method])).toHaveLength(2);
  });

  test("a bucket that has all of the file and keeps silent may have stored it", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    reportSent([100]);
    bucket.answer(SEND[method], stall);
    stopTime();
    const done = client().upload(picture(), { kind: "avatar" });
    await bucket.arrival(SEND[method]);
    await vi.advanceTimersByTimeAsync(60_000);
    await done;
    expect(bucket.of(SEND[method])).toHaveLength(1);
  });

  test("after a broken connection, an expired signature is still renewed", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    reportSent([50]);
    bucket.answer(SEND[method], drop, EXPIRED, text(200));
    const { objectKey } = await client().upload(picture(), { kind: "avatar" });
    expect(objectKey).toBe("avatars/driver-7/2.png");
  });

  test("what expired while the network was away is not sent, but signed again", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    service.answer(
      SIGN,
      json({ ...signed(method, bucket, 1), expiresIn: 1 }),
      json(signed(method, bucket, 2)),
    );
    reportSent([50]);
    bucket.answer(SEND[method], drop, text(200));
    stopTime();
    const onStep = vi.fn();
    const done = client({ maxWait: 5000 }).upload(picture(), { kind: "avatar", onStep });
    await until(() => onStep.mock.lastCall?.[0] === "waiting");
    await vi.advanceTimersByTimeAsync(0);
    vi.setSystemTime(Date.now() + 2000);
    await vi.advanceTimersByTimeAsync(500);
    await expect(done).resolves.toMatchObject({ objectKey: "avatars/driver-7/2.png" });
    expect(service.of(SIGN)).toHaveLength(2);
  });
});

test("a PUT that answers 412 had landed, and is completed", async ({ service, bucket, client }) => {
  play("PUT", service, bucket);
  reportSent([50]);
  const condition = "At least one of the pre-conditions you specified did not hold";
  bucket.answer(SEND.PUT, drop, xml(412, "PreconditionFailed", condition));
  const { objectKey } = await client().upload(picture(), { kind: "avatar" });
  expect(objectKey).toBe("avatars/driver-7/1.png");
  expect(said(service.of(COMPLETE)[0])).toEqual({ objectKey });
});

test("progress ends with everything when the 412 says that all is there", async ({
  service,
  bucket,
  client,
}) => {
  play("PUT", service, bucket);
  bucket.answer(SEND.PUT, xml(412, "PreconditionFailed", "It stands there."));
  const seen: number[] = [];
  await client().upload(picture(), { kind: "avatar", onProgress: (part) => seen.push(part) });
  expect(seen).toEqual([0, 1]);
});

test("every retry is told as `waiting`, and then as `sending`", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  bucket.answer(SEND.POST, text(503), text(204));
  const onStep = vi.fn();
  await client().upload(picture(), { kind: "avatar", onStep });
  expect(onStep.mock.calls.flat()).toEqual([
    "checking",
    "signing",
    "sending",
    "waiting",
    "sending",
    "completing",
  ]);
});

test("retries of the bucket are further and further apart", async ({ service, bucket, client }) => {
  play("POST", service, bucket);
  bucket.answer(SEND.POST, text(503));
  vi.spyOn(Math, "random").mockReturnValue(1);
  stopTime();
  const onStep = vi.fn();
  const error = failure(
    client({ tries: 4, maxWait: 60_000 }).upload(picture(), { kind: "avatar", onStep }),
  );
  const waits = () => onStep.mock.calls.filter(([step]) => step === "waiting").length;
  for (const [index, wait] of [500, 1000, 2000].entries()) {
    await until(() => waits() === index + 1);
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(onStep).toHaveBeenLastCalledWith("waiting");
    await vi.advanceTimersByTimeAsync(1);
  }
  expect((await error).code).toBe("storage_refused");
});

test("a file that can't be read any more is told from a broken connection", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  bucket.answer(SEND.POST, drop);
  const moved = picture();
  moved.slice = () => {
    throw new DOMException("Gone.", "NotReadableError");
  };
  const error = await failure(client().upload(moved, { kind: "avatar" }));
  expect(error).toMatchObject({ code: "unreadable_file", retryable: false });
  expect(error.message).toMatch(/Choose it again/);
  expect(bucket.of(SEND.POST)).toHaveLength(1);
});
