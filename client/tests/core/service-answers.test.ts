/** What the service answers, and what answers in its place. */
import { type Assets, createAssets } from "@gridboss/assets";
import { expect, vi } from "vitest";
import { type Answer, json, refused, text } from "./server.js";
import {
  DOWNLOAD,
  failure,
  KINDS,
  LIFE,
  picture,
  play,
  REMOVE,
  SIGN,
  signed,
  stopTime,
  TOKEN,
  test,
  until,
} from "./support.js";

const LINK = json({ objectKey: "a/b.png", url: "https://bucket.example/a", expiresIn: LIFE });
const HTML = "<!doctype html><title>A page</title>";

const download = (assets: Assets) => assets.download("a/b.png");

/** Every call of the client, by the request that it makes. */
const CALLS: [string, (assets: Assets) => Promise<unknown>][] = [
  [KINDS, (assets) => assets.kinds()],
  [KINDS, (assets) => assets.check(picture(), { kind: "avatar" })],
  [KINDS, (assets) => assets.upload(picture(), { kind: "avatar" })],
  [DOWNLOAD, download],
  [REMOVE, (assets) => assets.remove("a/b.png")],
];

test.for(CALLS)(
  "a refusal has its code, message, status and request id: %s, %s",
  async ([route, call], { service, client }) => {
    service.answer(route, refused(403, "forbidden", { "X-Request-ID": "req-7" }));
    const error = await failure(call(client()));
    expect(error).toMatchObject({
      code: "forbidden",
      message: "The message of forbidden.",
      status: 403,
      requestId: "req-7",
      retryable: false,
    });
    expect(service.of(route)).toHaveLength(1);
  },
);

test.for(CALLS)(
  "a service that is down is tried `tries` times: %s, %s",
  async ([route, call], { service, client }) => {
    service.answer(route, refused(503, "storage_unavailable"));
    const error = await failure(call(client({ tries: 3 })));
    expect(error).toMatchObject({ code: "storage_unavailable", status: 503, retryable: true });
    expect(service.of(route)).toHaveLength(3);
  },
);

test("a refused signature ends the upload", async ({ service, bucket, client }) => {
  play("POST", service, bucket);
  service.answer(SIGN, refused(400, "invalid_filename"));
  const error = await failure(client().upload(picture(), { kind: "avatar" }));
  expect(error).toMatchObject({ code: "invalid_filename", status: 400 });
  expect(bucket.received).toHaveLength(0);
});

const FOREIGN: [string, Answer, number][] = [
  ["a page of HTML", text(200, HTML), 200],
  ["nothing", text(200), 200],
  ["nothing, and no content", text(204), 204],
  ["JSON that is no object", json("fine"), 200],
  ["JSON of something else", json({ status: "ok" }), 200],
  ["no such page", text(404, HTML), 404],
  ["no such address, in JSON", json({ detail: "Not Found" }, 404), 404],
  ["an error without a message", json({ detail: { error: "forbidden" } }, 403), 403],
];

test.for(FOREIGN)(
  "a wrong baseUrl is told from a refusal: %s",
  async ([, answer, status], { service, client }) => {
    service.answer(KINDS, answer);
    const error = await failure(client().kinds());
    expect(error).toMatchObject({ code: "unexpected_answer", status, retryable: false });
    expect(error.message).toContain("baseUrl");
    expect(service.of(KINDS)).toHaveLength(1);
  },
);

test("what answered wrongly is not remembered", async ({ service, client }) => {
  service.answer(KINDS, text(200, HTML), json({ method: null, kinds: [], expiresIn: LIFE }));
  const assets = client();
  await failure(assets.kinds());
  await expect(assets.kinds()).resolves.toEqual([]);
});

test("a proxy without a service behind it is tried again", async ({ service, client }) => {
  service.answer(DOWNLOAD, text(502, HTML), LINK);
  await expect(download(client())).resolves.toBeDefined();
});

test("and is no fault of the baseUrl when it stays so", async ({ service, client }) => {
  service.answer(DOWNLOAD, text(502, HTML));
  const error = await failure(download(client({ tries: 2 })));
  expect(error).toMatchObject({ code: "unexpected_answer", status: 502, retryable: true });
  expect(error.message).toMatch(/before the service/);
});

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString();

const AFTER: [number, string, (seconds: number) => string][] = [
  [429, "in seconds", String],
  [503, "in seconds", String],
  [429, "as a date", inSeconds],
  [503, "as a date", inSeconds],
];

test.for(AFTER)(
  "Retry-After of a %i is waited for: %s",
  async ([status, , header], { service, bucket, client }) => {
    play("POST", service, bucket);
    stopTime();
    vi.setSystemTime(new Date("2026-01-02T03:04:05Z"));
    const busy = refused(status, "service_busy", { "Retry-After": header(7) });
    service.answer(SIGN, busy, json(signed("POST", bucket)));
    const onStep = vi.fn();
    const done = client({ maxWait: 8000 }).upload(picture(), { kind: "avatar", onStep });
    await until(() => onStep.mock.lastCall?.[0] === "waiting");
    await vi.advanceTimersByTimeAsync(6900);
    expect(onStep).toHaveBeenLastCalledWith("waiting");
    await vi.advanceTimersByTimeAsync(100);
    await expect(done).resolves.toBeDefined();
  },
);

test.for(AFTER)(
  "a longer Retry-After than `maxWait` is an error at once: %i, %s",
  async ([status, , header], { service, client }) => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-02T03:04:05Z") });
    service.answer(DOWNLOAD, refused(status, "too_many_requests", { "Retry-After": header(60) }));
    const error = await failure(download(client({ maxWait: 59_000 })));
    expect(error).toMatchObject({ code: "too_many_requests", retryAfter: 60, retryable: true });
    expect(service.of(DOWNLOAD)).toHaveLength(1);
  },
);

test.for(["soon", "", "-3", "Thu, 01 Jan 1970 00:00:00 GMT"])(
  'a Retry-After of "%s" asks for nothing',
  async (header, { service, client }) => {
    service.answer(DOWNLOAD, refused(503, "service_busy", { "Retry-After": header }));
    const error = await failure(download(client({ tries: 2 })));
    expect(error.retryAfter).toBeUndefined();
    expect(service.of(DOWNLOAD)).toHaveLength(2);
  },
);

test("a refused token is replaced by a newer one, once", async ({ service, client }) => {
  service.answer(DOWNLOAD, refused(401, "unauthenticated"), LINK);
  const getToken = vi.fn().mockReturnValueOnce(`${TOKEN}-old`).mockReturnValue(`${TOKEN}-new`);
  await download(client({ getToken }));
  expect(service.of(DOWNLOAD).map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${TOKEN}-old`,
    `Bearer ${TOKEN}-new`,
  ]);
});

test("two refused tokens are the last word", async ({ service, client }) => {
  service.answer(DOWNLOAD, refused(401, "unauthenticated"));
  let number = 0;
  const error = await failure(download(client({ getToken: () => `${TOKEN}-${++number}` })));
  expect(error).toMatchObject({ code: "unauthenticated", status: 401, retryable: false });
  expect(service.of(DOWNLOAD)).toHaveLength(2);
});

test.for([
  ["the same", () => TOKEN],
  ["none", vi.fn().mockReturnValueOnce(TOKEN).mockReturnValue(null)],
] as const)(
  "a refused token is not sent again when there is no newer one: %s",
  async ([, getToken], { service, client }) => {
    service.answer(DOWNLOAD, refused(401, "unauthenticated"));
    const error = await failure(download(client({ getToken })));
    expect(error.code).toBe("unauthenticated");
    expect(service.of(DOWNLOAD)).toHaveLength(1);
  },
);

test.for([
  [
    "throws",
    () => {
      throw new RangeError("No session.");
    },
  ],
  ["rejects", () => Promise.reject(new RangeError("No session."))],
] as const)(
  "a getToken that %s is `unauthenticated`, with its cause",
  async ([, getToken], { service, client }) => {
    const error = await failure(download(client({ getToken })));
    expect(error).toMatchObject({ code: "unauthenticated", retryable: false });
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(service.received).toHaveLength(0);
  },
);

test.each(["tok…en", "tok\nen"])(
  "a token that no header takes is no matter of CORS: %j",
  async (token) => {
    const { download } = createAssets({ baseUrl: "http://127.0.0.1:9", getToken: () => token });
    const error = await failure(download("a/b.png"));
    expect(error).toMatchObject({ code: "unauthenticated", retryable: false });
    expect(error.cause).toBeUndefined();
  },
);

test("a baseUrl that is no address is refused at once", () => {
  expect(() => createAssets({ baseUrl: "http://[" })).toThrow('"http://[" is no address');
});

test("an answer that lacks what it should have is no answer of the service", async ({
  service,
  client,
}) => {
  service.answer(KINDS, json({ expiresIn: 60 }));
  const error = await failure(client().upload(picture(), { kind: "avatar" }));
  expect(error).toMatchObject({ code: "unexpected_answer", retryable: false });
});
