/** A browser that knows of its network being away: every other failure is in other files. */
import { expect, vi } from "vitest";
import { json } from "./server.js";
import {
  DOWNLOAD,
  failure,
  gather,
  KINDS,
  LIFE,
  METHODS,
  offline,
  picture,
  play,
  SEND,
  stopTime,
  test,
  until,
} from "./support.js";

const LINK = json({ objectKey: "a/b.png", url: "https://bucket.example/a", expiresIn: LIFE });

/** Resolves when somebody waits for the network. */
function waiting(): () => Promise<void> {
  const listen = vi.spyOn(globalThis, "addEventListener");
  return () => until(() => listen.mock.calls.some(([type]) => type === "online"));
}

const back = () => dispatchEvent(new Event("online"));

test("a request waits for `online` and is then made again", async ({ service, client }) => {
  service.answer(DOWNLOAD, LINK);
  service.down = true;
  offline();
  const waits = waiting();
  const done = client({ maxWait: 60_000 }).download("a/b.png");
  await waits();
  service.down = false;
  back();
  await expect(done).resolves.toBeDefined();
});

test.for(METHODS)(
  "%s: a file waits for `online` and is then sent again",
  async (method, { service, bucket, client }) => {
    play(method, service, bucket);
    bucket.down = true;
    offline();
    const waits = waiting();
    const onStep = vi.fn();
    const done = client({ maxWait: 60_000 }).upload(picture(), { kind: "avatar", onStep });
    await waits();
    bucket.down = false;
    back();
    await done;
    expect(bucket.of(SEND[method])).toHaveLength(1);
    expect(onStep.mock.calls.flat()).toContain("waiting");
  },
);

test("what fails because the network is away does not count as a try", async ({
  service,
  client,
}) => {
  service.answer(DOWNLOAD, LINK);
  service.down = true;
  offline();
  const listen = vi.spyOn(globalThis, "addEventListener");
  const done = client({ tries: 1, maxWait: 60_000 }).download("a/b.png");
  for (const count of [1, 2, 3]) {
    await until(() => listen.mock.calls.filter(([type]) => type === "online").length === count);
    service.down = count < 3;
    back();
  }
  await expect(done).resolves.toBeDefined();
});

test("a network that stays away is a `network` error after `maxWait`", async ({
  service,
  client,
}) => {
  service.down = true;
  offline();
  stopTime();
  const waits = waiting();
  const error = failure(client({ maxWait: 120_000 }).download("a/b.png"));
  await gather();
  await waits();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await error).toMatchObject({ code: "network", retryable: true });
  expect((await error).message).toMatch(/no network/);
});

test("a network that came back without an event is tried after `maxWait`", async ({
  service,
  client,
}) => {
  service.answer(DOWNLOAD, LINK);
  service.down = true;
  const onLine = offline();
  stopTime();
  const waits = waiting();
  const done = client({ maxWait: 120_000 }).download("a/b.png");
  await gather();
  await waits();
  service.down = false;
  onLine.mockReturnValue(true);
  await vi.advanceTimersByTimeAsync(120_000);
  await expect(done).resolves.toBeDefined();
});

test("a browser that says that it is offline, and is not, is not believed", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  offline();
  await expect(client().upload(picture(), { kind: "avatar" })).resolves.toBeDefined();
});

test("no listener stays behind", async ({ service, client }) => {
  service.answer(DOWNLOAD, LINK);
  service.down = true;
  offline();
  const waits = waiting();
  const remove = vi.spyOn(globalThis, "removeEventListener");
  const done = client({ maxWait: 60_000 }).download("a/b.png");
  await waits();
  service.down = false;
  back();
  await done;
  expect(remove.mock.calls.map(([type]) => type)).toContain("online");
});

test("a token that can't be had without a network is waited for", async ({ service, client }) => {
  service.answer(KINDS, json({ method: null, kinds: [], expiresIn: LIFE }));
  offline();
  const waits = waiting();
  const getToken = vi.fn().mockRejectedValueOnce(new TypeError("Failed to fetch"));
  const done = client({ getToken, maxWait: 60_000 }).kinds();
  await waits();
  back();
  await expect(done).resolves.toEqual([]);
});
