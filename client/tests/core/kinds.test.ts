import { type AssetsOptions, createAssets } from "@gridboss/assets";
import { expect, vi } from "vitest";
import { held, json, refused } from "./server.js";
import {
  failure,
  KIND,
  KINDS,
  kindsAnswer,
  LIFE,
  picture,
  play,
  SIGN,
  test,
  until,
} from "./support.js";

const stopClock = () => vi.useFakeTimers({ toFake: ["Date"] });

test("nothing is asked before the first call", async ({ service, client }) => {
  client();
  expect(service.received).toHaveLength(0);
});

test("the kinds are what the server declares", async ({ service, client }) => {
  service.answer(KINDS, kindsAnswer());
  await expect(client().kinds()).resolves.toEqual([KIND]);
});

test("the kinds are remembered for as long as the server allows", async ({ service, client }) => {
  service.answer(KINDS, kindsAnswer());
  stopClock();
  const assets = client();
  await assets.kinds();
  vi.setSystemTime(Date.now() + LIFE * 1000 - 1);
  await assets.kinds();
  expect(service.of(KINDS)).toHaveLength(1);
});

test("and are asked for again after that", async ({ service, client }) => {
  service.answer(KINDS, kindsAnswer("POST", []), kindsAnswer());
  stopClock();
  const assets = client();
  await assets.kinds();
  vi.setSystemTime(Date.now() + LIFE * 1000);
  await expect(assets.kinds()).resolves.toEqual([KIND]);
});

test("uploads, checks and questions share what is remembered", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  const assets = client();
  await assets.kinds();
  await assets.check(picture(), { kind: "avatar" });
  await assets.upload(picture(), { kind: "avatar" });
  expect(service.of(KINDS)).toHaveLength(1);
});

test("who asks at the same time shares one request", async ({ service, client }) => {
  service.answer(KINDS, kindsAnswer());
  const assets = client();
  await Promise.all([assets.kinds(), assets.check(picture(), { kind: "avatar" })]);
  expect(service.of(KINDS)).toHaveLength(1);
});

test("who stops waiting takes nothing away from the others", async ({ service, client }) => {
  const { answer, release } = held(kindsAnswer());
  service.answer(KINDS, answer);
  const assets = client();
  const controller = new AbortController();
  const stopped = failure(assets.kinds({ signal: controller.signal }));
  const other = assets.kinds();
  await service.arrival(KINDS);
  controller.abort();
  expect((await stopped).code).toBe("aborted");
  release();
  await expect(other).resolves.toEqual([KIND]);
});

test("everybody who shares a request is told that it waits", async ({ service, client }) => {
  service.answer(KINDS, refused(503, "service_busy"), kindsAnswer());
  const assets = client();
  const steps: string[][] = [[], []];
  await Promise.all(
    steps.map((seen) =>
      assets.check(picture(), { kind: "avatar", onStep: (step) => seen.push(step) }),
    ),
  );
  expect(steps).toEqual(Array(2).fill(["checking", "waiting", "checking"]));
});

test("a failure is everybody's, and is not remembered", async ({ service, client }) => {
  service.answer(KINDS, refused(403, "forbidden"), kindsAnswer());
  const assets = client();
  const errors = await Promise.all([failure(assets.kinds()), failure(assets.kinds())]);
  expect(errors.map(({ code }) => code)).toEqual(["forbidden", "forbidden"]);
  await expect(assets.kinds()).resolves.toEqual([KIND]);
});

test("two clients remember each for itself", async ({ service, client }) => {
  service.answer(KINDS, kindsAnswer());
  await client().kinds();
  await client().kinds();
  expect(service.of(KINDS)).toHaveLength(2);
});

test("uploads that are switched off are refused without a signature", async ({
  service,
  bucket,
  client,
}) => {
  play("POST", service, bucket);
  service.answer(KINDS, kindsAnswer(null));
  const error = await failure(client().upload(picture(), { kind: "avatar" }));
  expect(error).toMatchObject({ code: "s3_not_enabled", retryable: false });
  expect(error.message).toMatch(/switched off/);
  expect(service.of(SIGN)).toHaveLength(0);
});

test("a kind that does not exist is refused with those that do", async ({ service, client }) => {
  service.answer(KINDS, kindsAnswer("POST", [KIND, { ...KIND, name: "export" }]));
  const error = await failure(client().check(picture(), { kind: "photo" }));
  expect(error).toMatchObject({ code: "unsupported_kind", retryable: false });
  expect(error.message).toBe('There is no kind "photo". Use one of: avatar, export.');
});

test("a download and a delete need no kinds", async ({ service, client }) => {
  service.answer("DELETE /uploads", json({ objectKey: "a/b.png", expiresIn: LIFE }));
  await client().remove("a/b.png");
  expect(service.of(KINDS)).toHaveLength(0);
});

test.for(["", "/", "//", "/assets", "/assets/"])(
  'a baseUrl may end in "%s"',
  async (end, { service, client }) => {
    const path = end.replace(/\/+$/, "");
    service.answer(`GET ${path}/uploads/kinds`, kindsAnswer());
    await expect(client({ baseUrl: service.url + end }).kinds()).resolves.toEqual([KIND]);
  },
);

test.for([
  ["", "/uploads/kinds"],
  ["/", "/uploads/kinds"],
  ["/assets", "/assets/uploads/kinds"],
] as const)('a baseUrl of "%s" is on the origin of this page', async ([baseUrl, expected]) => {
  const fetched = vi.fn(async () => Response.json({ method: null, kinds: [], expiresIn: 1 }));
  vi.stubGlobal("fetch", fetched);
  await createAssets({ baseUrl }).kinds();
  expect(fetched).toHaveBeenCalledWith(expected, expect.anything());
});

test("a missing baseUrl is said at once", () => {
  expect(() => createAssets({} as AssetsOptions)).toThrow(/createAssets needs a baseUrl/);
});

test("kinds that nobody waits for any more fail silently", async ({ service, client }) => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const { answer, release } = held(refused(403, "forbidden"));
  service.answer(KINDS, answer);
  const controller = new AbortController();
  const stopped = failure(client().kinds({ signal: controller.signal }));
  const { left } = await service.arrival(KINDS);
  controller.abort();
  await stopped;
  release();
  await Promise.race([left, until(() => service.received.length === 1)]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
