import type { Assets } from "@gridboss/assets";
import { describe, expect, vi } from "vitest";
import { held, type Loopback, refused, stall, text } from "./server.js";
import {
  COMPLETE,
  DOWNLOAD,
  failure,
  KINDS,
  kindsAnswer,
  METHODS,
  type Method,
  offline,
  picture,
  play,
  REMOVE,
  SEND,
  SIGN,
  test,
  until,
} from "./support.js";

/** A controller whose signal is watched for listeners that stay behind. */
function watched() {
  const controller = new AbortController();
  const listeners: unknown[] = [];
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...listening: Parameters<typeof add>) => {
    listeners.push(listening[1]);
    add(...listening);
  };
  signal.removeEventListener = (...listening: Parameters<typeof remove>) => {
    const index = listeners.indexOf(listening[1]);
    if (index >= 0) listeners.splice(index, 1);
    remove(...listening);
  };
  return { controller, signal, listeners };
}

/** The timers of the page that have not run yet; `fetch` of Node has some of its own. */
function watchedTimers(): Set<unknown> {
  const pending = new Set<unknown>();
  const { setTimeout, clearTimeout } = globalThis;
  vi.stubGlobal(
    "setTimeout",
    (run: (...values: unknown[]) => void, ms: number, ...rest: unknown[]) => {
      const timer = setTimeout(() => {
        pending.delete(timer);
        run(...rest);
      }, ms);
      if (!new Error().stack?.includes("undici")) pending.add(timer);
      return timer;
    },
  );
  vi.stubGlobal("clearTimeout", (timer: NodeJS.Timeout) => {
    pending.delete(timer);
    clearTimeout(timer);
  });
  return pending;
}

/** The requests of one upload alone; that for the limits is shared. */
const STALLED: [name: string, side: "service" | "bucket", route: (method: Method) => string][] = [
  ["the signature", "service", () => SIGN],
  ["the bucket", "bucket", (method) => SEND[method]],
  ["`complete`", "service", () => COMPLETE],
];

/** What an upload waits for between two tries. */
const WAITS: [
  name: string,
  prepare: (service: Loopback, bucket: Loopback, method: Method) => void,
][] = [
  [
    "the next try of the bucket",
    (_service, bucket, method) => bucket.answer(SEND[method], text(503)),
  ],
  ["the next try of the service", (service) => service.answer(COMPLETE, text(502))],
  [
    "Retry-After",
    (service) => service.answer(SIGN, refused(429, "too_many_requests", { "Retry-After": "30" })),
  ],
  [
    "the network",
    (_service, bucket) => {
      bucket.down = true;
      offline();
    },
  ],
];

describe.each(METHODS)("With %s", (method) => {
  test.for(STALLED)(
    "an upload that asks for %s stops at once",
    async ([, side, routeOf], { service, bucket, client }) => {
      play(method, service, bucket);
      const route = routeOf(method);
      const server = side === "service" ? service : bucket;
      server.answer(route, stall);
      const timers = watchedTimers();
      const { controller, signal, listeners } = watched();
      const error = failure(client().upload(picture(), { kind: "avatar", signal }));
      const { left } = await server.arrival(route);
      controller.abort();
      expect(await error).toMatchObject({ code: "aborted" });
      expect(listeners).toEqual([]);
      expect(timers.size).toBe(0);
      await left;
    },
  );

  test.for(WAITS)(
    "an upload that waits for %s stops at once",
    async ([, prepare], { service, bucket, client }) => {
      play(method, service, bucket);
      prepare(service, bucket, method);
      const timers = watchedTimers();
      const { controller, signal, listeners } = watched();
      const onStep = vi.fn();
      const options = { kind: "avatar", onStep, signal };
      const error = failure(client({ maxWait: 60_000 }).upload(picture(), options));
      await until(() => onStep.mock.lastCall?.[0] === "waiting");
      expect(timers.size).toBe(1);
      controller.abort();
      expect(await error).toMatchObject({ code: "aborted" });
      expect(listeners).toEqual([]);
      expect(timers.size).toBe(0);
    },
  );

  test("an upload that looks for the reason of a failure stops at once", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    const probe = SEND[method].replace(method, "GET");
    bucket.cors = false;
    const { answer, release } = held(text(403));
    bucket.answer(probe, answer);
    const { controller, signal, listeners } = watched();
    const error = failure(client().upload(picture(), { kind: "avatar", signal }));
    await bucket.arrival(probe);
    controller.abort();
    expect(await error).toMatchObject({ code: "aborted" });
    expect(listeners).toEqual([]);
    release();
  });

  test("an upload that waits for the limits stops at once", async ({ service, bucket, client }) => {
    play(method, service, bucket);
    const { answer, release } = held(kindsAnswer());
    service.answer(KINDS, answer);
    const { controller, signal, listeners } = watched();
    const assets = client();
    const error = failure(assets.upload(picture(), { kind: "avatar", signal }));
    await service.arrival(KINDS);
    controller.abort();
    expect(await error).toMatchObject({ code: "aborted" });
    expect(listeners).toEqual([]);
    release();
    await assets.kinds();
    expect(service.received).toHaveLength(1);
  });

  test("an upload that was stopped before it began asks for nothing", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    const { controller, signal, listeners } = watched();
    controller.abort();
    service.answer(REMOVE, refused(403, "forbidden"));
    const assets = client();
    const error = await failure(assets.upload(picture(), { kind: "avatar", signal }));
    expect(error.code).toBe("aborted");
    expect(listeners).toEqual([]);
    await failure(assets.remove("a/b.png")); // which is the only request that there is
    expect(service.received.map((each) => each.method)).toEqual(["DELETE"]);
    expect(bucket.received).toHaveLength(0);
  });

  test("an upload that is done leaves no listener and no timer", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    const timers = watchedTimers();
    const { controller, signal, listeners } = watched();
    await client().upload(picture(), { kind: "avatar", signal });
    controller.abort();
    expect(listeners).toEqual([]);
    expect(timers.size).toBe(0);
  });

  test("a file of which half is sent ends there, and tells no more progress", async ({
    service,
    bucket,
    client,
  }) => {
    play(method, service, bucket);
    bucket.answer(SEND[method], stall);
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = vi.fn();
    const error = failure(client().upload(picture(), { kind: "avatar", onProgress, signal }));
    const sent = await bucket.arrival(SEND[method]);
    controller.abort();
    await error;
    await sent.left;
    expect(onProgress).toHaveBeenCalledTimes(1);
    expect(service.of(COMPLETE)).toHaveLength(0);
  });
});

test("a getToken that hangs does not hold a stopped call", async ({ service, client }) => {
  const { controller, signal, listeners } = watched();
  const getToken = vi.fn(() => new Promise<string>(() => {}));
  const error = failure(client({ getToken }).download("a/b.png", { signal }));
  await until(() => getToken.mock.calls.length === 1);
  controller.abort();
  expect((await error).code).toBe("aborted");
  expect(listeners).toEqual([]);
  expect(service.received).toHaveLength(0);
});

test("a token that comes too late is not used", async ({ service, client }) => {
  const controller = new AbortController();
  const { signal } = controller;
  let give = (_token: string) => {};
  const token = new Promise<string>((resolve) => {
    give = resolve;
  });
  const getToken = vi.fn(() => token);
  const error = failure(client({ getToken }).download("a/b.png", { signal }));
  await until(() => getToken.mock.calls.length === 1);
  controller.abort();
  await error;
  give("late");
  service.answer(DOWNLOAD, text(500));
  await failure(client({ tries: 1 }).download("a/b.png"));
  expect(service.of(DOWNLOAD)).toHaveLength(1);
});

const OTHERS: [route: string, call: (assets: Assets, signal: AbortSignal) => Promise<unknown>][] = [
  [DOWNLOAD, (assets, signal) => assets.download("a/b.png", { signal })],
  [REMOVE, (assets, signal) => assets.remove("a/b.png", { signal })],
];

test.for(OTHERS)("another call stops as well: %s", async ([route, call], { service, client }) => {
  service.answer(route, stall);
  const { controller, signal, listeners } = watched();
  const error = failure(call(client(), signal));
  const { left } = await service.arrival(route);
  controller.abort();
  expect((await error).code).toBe("aborted");
  expect(listeners).toEqual([]);
  await left;
});

test("the cause is what the caller gave as a reason", async ({ service, client }) => {
  service.answer(DOWNLOAD, stall);
  const controller = new AbortController();
  const error = failure(client().download("a/b.png", { signal: controller.signal }));
  await service.arrival(DOWNLOAD);
  const reason = new Error("The page was left.");
  controller.abort(reason);
  expect((await error).cause).toBe(reason);
});

test("of two uploads at once the other one goes on", async ({ service, bucket, client }) => {
  play("POST", service, bucket);
  const controller = new AbortController();
  const { signal } = controller;
  const assets = client();
  bucket.answer(SEND.POST, stall, text(204));
  const stopped = failure(assets.upload(picture("ONE"), { kind: "avatar", signal }));
  await bucket.arrival(SEND.POST);
  const done = assets.upload(picture("TWO"), { kind: "avatar" });
  controller.abort();
  expect((await stopped).code).toBe("aborted");
  await expect(done).resolves.toBeDefined();
});
