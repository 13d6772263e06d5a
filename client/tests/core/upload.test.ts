import { AssetsError, type AssetsOptions, DownloadLink } from "@gridboss/assets";
import { describe, expect, vi } from "vitest";
import { json } from "./server.js";
import {
  COMPLETE,
  completed,
  FIELDS,
  HEADERS,
  KINDS,
  METHODS,
  parts,
  picture,
  play,
  SECRET,
  SEND,
  SIGN,
  said,
  signed,
  TOKEN,
  test,
} from "./support.js";

/** Bytes that no text encoding leaves as they are. */
const BYTES = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) % 256);

describe.each(METHODS)("With %s", (method) => {
  test("an upload asks for the limits, signs, sends and completes", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    await client().upload(picture(), { kind: "avatar" });
    expect(service.received.map((each) => `${each.method} ${each.url}`)).toEqual([
      KINDS,
      SIGN,
      COMPLETE,
    ]);
    expect(bucket.received).toHaveLength(1);
  });

  test("the result is what `complete` answered, and a link to it", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    const { link, ...done } = await client().upload(picture(), { kind: "avatar" });
    expect(done).toEqual(completed("avatars/driver-7/1.png"));
    expect(link).toBeInstanceOf(DownloadLink);
    expect(link.objectKey).toBe(done.objectKey);
    expect(await link.url()).toBe(done.url);
  });

  test("the bucket gets the bytes of the file", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    await client().upload(picture(BYTES), { kind: "avatar" });
    const [sent] = bucket.of(SEND[method]);
    if (!sent) throw new Error("Nothing was sent.");
    const content = method === "POST" ? parts(sent).at(-1)?.content : sent.body;
    expect(content?.equals(BYTES)).toBe(true);
  });

  test("the key of the signature is completed", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    await client().upload(picture(), { kind: "avatar" });
    expect(said(service.of(COMPLETE)[0])).toEqual({ objectKey: "avatars/driver-7/1.png" });
  });

  test("the bucket gets no token", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    await client().upload(picture(), { kind: "avatar" });
    expect(bucket.of(SEND[method])[0]?.headers.authorization).toBeUndefined();
  });

  test("its steps are told in their order", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    const onStep = vi.fn();
    await client().upload(picture(), { kind: "avatar", onStep });
    expect(onStep.mock.calls.flat()).toEqual(["checking", "signing", "sending", "completing"]);
  });

  test("two uploads at once keep their keys and their bytes apart", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    const assets = client();
    const both = await Promise.all([
      assets.upload(picture("ONE"), { kind: "avatar" }),
      assets.upload(picture("TWO"), { kind: "avatar" }),
    ]);
    expect(both.map(({ objectKey }) => objectKey).sort()).toEqual([
      "avatars/driver-7/1.png",
      "avatars/driver-7/2.png",
    ]);
    const bodies = bucket.of(SEND[method]).map(({ body }) => String(body));
    expect(bodies.filter((body) => body.includes("ONE"))).toHaveLength(1);
    expect(bodies.filter((body) => body.includes("TWO"))).toHaveLength(1);
  });
});

test("a form has every field in its order, and the file last", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  await client().upload(picture(), { kind: "avatar" });
  const [sent] = bucket.of(SEND.POST);
  if (!sent) throw new Error("Nothing was sent.");
  const fields = parts(sent);
  const file = fields.pop();
  expect(fields.map(({ name, content }) => [name, String(content)])).toEqual(
    Object.entries(FIELDS),
  );
  expect(file).toMatchObject({ name: "file", filename: "driver.png", type: "image/png" });
});

test("a PUT has the signed headers, the signed query and the length of the file", async ({
  service,
  bucket,
  client,
}) => {
  play("PUT", service, bucket);
  await client().upload(picture("PIXEL"), { kind: "avatar" });
  const [sent] = bucket.of(SEND.PUT);
  expect(sent?.headers).toMatchObject({
    "content-type": HEADERS["Content-Type"],
    "if-none-match": HEADERS["If-None-Match"],
    "content-length": "5",
  });
  expect(sent?.url).toContain(`X-Amz-Signature=${SECRET}-signature`);
});

test("the method of the signature counts, whatever the limits said", async ({
  service,
  bucket,
  client,
}) => {
  play("PUT", service, bucket);
  service.answer(SIGN, json(signed("POST", bucket)));
  bucket.answer(SEND.POST, (response) => response.writeHead(201).end());
  await client().upload(picture(), { kind: "avatar" });
  expect(bucket.received.map((each) => each.method)).toEqual(["POST"]);
});

test("a signature is asked for with the kind, the name, the type and the size", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  await client().upload(picture("PIXEL"), { kind: "avatar" });
  expect(said(service.of(SIGN)[0])).toEqual({
    kind: "avatar",
    filename: "driver.png",
    contentType: "image/png",
    size: 5,
  });
});

test("`filename` goes before the name of the file", async ({ service, bucket, client }) => {
  play("POST", service, bucket);
  await client().upload(picture(), { kind: "avatar", filename: "me.png" });
  expect(said(service.of(SIGN)[0]).filename).toBe("me.png");
});

test("a Blob, which has no name, gets one with the ending of its type", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  await client().upload(new Blob(["PIXEL"], { type: "image/jpeg" }), { kind: "avatar" });
  expect(said(service.of(SIGN)[0]).filename).toBe("upload.jpg");
});

test("the service gets the token of the moment with every request", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  let number = 0;
  const getToken = async () => `${TOKEN}-${++number}`;
  await client({ getToken }).upload(picture(), { kind: "avatar" });
  expect(service.received.map(({ headers }) => headers.authorization)).toEqual(
    [1, 2, 3].map((each) => `Bearer ${TOKEN}-${each}`),
  );
});

const NO_TOKEN: [string, AssetsOptions["getToken"]][] = [
  ["no getToken", undefined],
  ["null", () => null],
  ["undefined", () => undefined],
  ["an empty one", () => ""],
];

test.for(NO_TOKEN)(
  "without a token there is no Authorization: %s",
  async ([, getToken], { service, bucket, client }) => {
    play("POST", service, bucket);
    await client({ getToken }).upload(picture(), { kind: "avatar" });
    expect(service.received.some(({ headers }) => headers.authorization)).toBe(false);
  },
);

test("what a callback of the page throws is reported, and the upload goes on", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  const report = vi.fn();
  vi.stubGlobal("reportError", report);
  const broken = () => {
    throw new RangeError("Of the page.");
  };
  await client().upload(picture(), { kind: "avatar", onStep: broken, onProgress: broken });
  expect(report.mock.calls[0]?.[0]).toBeInstanceOf(RangeError);
});

test("`remove` sends the key, and tells how long a CDN may serve it", async ({
  service,
  client,
}) => {
  const answer = { objectKey: "a/b.png", deleted: true, cdnMayServeFor: 86_400, expiresIn: 0 };
  service.answer("DELETE /uploads", json(answer));
  expect((await client().remove("a/b.png")).cdnMayServeFor).toBe(86_400);
  expect(said(service.of("DELETE /uploads")[0])).toEqual({ objectKey: "a/b.png" });
});

test("an error is an Error with a name", () => {
  expect(String(new AssetsError("network", "No."))).toBe("AssetsError: No.");
});
