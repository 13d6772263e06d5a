/**
 * No answer, and why. `fetch` is Node's here and knows no CORS: a service that this page may not
 * read is one that breaks the connection and answers the probe. XMLHttpRequest is jsdom's, which
 * does its preflights as a browser does.
 */
import { describe, expect, vi } from "vitest";
import { cut, drop, json, refused, stall, text } from "./server.js";
import {
  COMPLETE,
  DOWNLOAD,
  failure,
  gather,
  KINDS,
  LIFE,
  METHODS,
  pass,
  picture,
  play,
  SEND,
  stopTime,
  test,
} from "./support.js";

const LINK = json({ objectKey: "a/b.png", url: "https://bucket.example/a", expiresIn: LIFE });
const PROBE = { POST: "GET /bucket/", PUT: "GET /bucket/pending/1.png" } as const;

describe.each(METHODS)("A bucket, with %s,", (method) => {
  test("that refuses this page is `cors`, after a second try", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    bucket.cors = false;
    const error = await failure(client().upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code: "cors", retryable: true });
    expect(bucket.of(PROBE[method])).toHaveLength(2);
    expect(service.of(COMPLETE)).toHaveLength(0);
  });

  test("that refuses this page is told with the origin that its rules lack", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    bucket.cors = false;
    const error = await failure(client().upload(picture(), { kind: "avatar" }));
    expect(error.message).toContain(location.origin);
    expect(error.message).toContain(bucket.url);
    expect(error.message).toMatch(/CORS rules of the bucket/);
    expect(error.message).toMatch(/S3_REGION/);
  });

  test("is probed without the signature", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    bucket.cors = false;
    await failure(client({ tries: 1 }).upload(picture(), { kind: "avatar" }));
    expect(bucket.received.map((each) => `${each.method} ${each.url}`)).toEqual([PROBE[method]]);
  });

  test("that can't be reached is `network`, after `tries`", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    bucket.down = true;
    const error = await failure(client({ tries: 3 }).upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code: "network", retryable: true });
    expect(error.message).toContain(bucket.url);
  });

  test("that this page's own policy blocks is `csp`, and is not tried again", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    bucket.cors = false;
    blockByPolicy(bucket.url);
    const error = await failure(client().upload(picture(), { kind: "avatar" }));
    expect(error).toMatchObject({ code: "csp", retryable: false });
    expect(error.message).toContain(`${bucket.url}. Add it to connect-src`);
  });
});

/** Refuse a fetch the way a browser does by a Content-Security-Policy, and report it. */
function blockByPolicy(origin: string): void {
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", (address: string, options: RequestInit) => {
    if (!address.startsWith(origin)) return fetch(address, options);
    setTimeout(() => {
      const event = Object.assign(new Event("securitypolicyviolation"), { blockedURI: address });
      dispatchEvent(event);
    });
    return Promise.reject(new TypeError("Failed to fetch"));
  });
}

test("a service that refuses this page is `cors`, with its setting", async ({
  service,
  client,
}) => {
  service.answer(DOWNLOAD, drop);
  const error = await failure(client().download("a/b.png"));
  expect(error).toMatchObject({ code: "cors", retryable: true });
  expect(error.message).toContain(location.origin);
  expect(error.message).toMatch(/CORS_ORIGINS of the service/);
  expect(service.of(DOWNLOAD)).toHaveLength(2);
});

test("a service is probed without the token", async ({ service, client }) => {
  service.answer(DOWNLOAD, drop);
  await failure(client({ tries: 1 }).download("a/b.png"));
  const [probe] = service.of("GET /uploads/download");
  expect(probe).toBeDefined();
  expect(probe?.headers.authorization).toBeUndefined();
});

test("a service on this page's own origin is never refused by CORS", async ({
  service,
  client,
}) => {
  vi.stubGlobal("location", new URL(service.url));
  service.answer(DOWNLOAD, drop);
  const error = await failure(client({ tries: 2 }).download("a/b.png"));
  expect(error.code).toBe("network");
});

test("a service that can't be reached is `network`, after `tries`", async ({ service, client }) => {
  service.down = true;
  const error = await failure(client({ tries: 2 }).download("a/b.png"));
  expect(error).toMatchObject({ code: "network", retryable: true });
  expect(error.message).toContain(service.url);
});

test("a service that comes back is asked again", async ({ service, client }) => {
  service.answer(DOWNLOAD, drop, LINK);
  service.answer("GET /uploads/download", drop, text(405));
  await expect(client().download("a/b.png")).resolves.toBeDefined();
});

test("a service that this page's own policy blocks is `csp`", async ({ service, client }) => {
  blockByPolicy(service.url);
  const error = await failure(client().download("a/b.png"));
  expect(error).toMatchObject({ code: "csp", retryable: false });
});

test("an answer that breaks off was readable, so it is no matter of CORS", async ({
  service,
  client,
}) => {
  service.answer(DOWNLOAD, cut);
  const error = await failure(client({ tries: 2 }).download("a/b.png"));
  expect(error).toMatchObject({ code: "network", retryable: true });
});

test("an answer that does not come in a minute and a half is asked for again", async ({
  service,
  client,
}) => {
  service.answer(DOWNLOAD, stall, LINK);
  stopTime();
  const done = client().download("a/b.png");
  await gather();
  const first = await service.arrival(DOWNLOAD);
  await vi.advanceTimersByTimeAsync(90_000);
  await first.left;
  await pass(() => service.of(DOWNLOAD).length === 2);
  await expect(done).resolves.toBeDefined();
});

test("a service that is slow is no matter of CORS", async ({ service, client }) => {
  service.answer(DOWNLOAD, stall);
  stopTime();
  const error = failure(client({ tries: 1 }).download("a/b.png"));
  await gather();
  await service.arrival(DOWNLOAD);
  await vi.advanceTimersByTimeAsync(90_000);
  expect((await error).code).toBe("network");
});

test("a probe without an answer in ten seconds says that the server is gone", async ({
  service,
  client,
}) => {
  service.answer(DOWNLOAD, drop);
  service.answer("GET /uploads/download", stall);
  stopTime();
  const error = failure(client({ tries: 1 }).download("a/b.png"));
  await gather();
  const probe = await service.arrival("GET /uploads/download");
  await vi.advanceTimersByTimeAsync(10_000);
  await probe.left;
  let settled = false;
  void error.finally(() => {
    settled = true;
  });
  await pass(() => settled);
  expect((await error).code).toBe("network");
});

test("a service that this page has read before is no matter of CORS", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  service.answer(COMPLETE, drop, drop, drop, refused(400, "invalid_image"));
  const error = await failure(client().upload(picture(), { kind: "avatar" }));
  expect(error.code).toBe("invalid_image");
  expect(service.of(KINDS)).toHaveLength(1);
  expect(bucket.of(SEND.POST)).toHaveLength(1);
});
