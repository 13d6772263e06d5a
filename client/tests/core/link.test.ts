import { expect, vi } from "vitest";
import { drop, held, json, refused } from "./server.js";
import { DOWNLOAD, failure, KINDS, picture, play, said, test } from "./support.js";

const LIFE = 1000; // seconds
const START = new Date("2026-01-02T03:04:05Z").getTime();

const link = (number: number) =>
  json({ objectKey: "a/b.png", url: `https://bucket.example/${number}`, expiresIn: LIFE });
const FIRST = "https://bucket.example/1";
const SECOND = "https://bucket.example/2";

const at = (seconds: number) => vi.setSystemTime(START + seconds * 1000);
const stopClock = () => vi.useFakeTimers({ toFake: ["Date"], now: START });

test("a download is a link to the key, signed once", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1));
  const found = await client().download("a/b.png");
  expect(found.objectKey).toBe("a/b.png");
  expect(await found.url()).toBe(FIRST);
  expect(service.of(DOWNLOAD).map(said)).toEqual([{ objectKey: "a/b.png" }]);
});

test("a link tells when it expires and when it signs again", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1));
  stopClock();
  const found = await client().download("a/b.png");
  expect(found.expiresAt).toBe(START + 1_000_000);
  expect(found.refreshAt).toBe(START + 900_000);
});

test("with a tenth of its life left the URL is the same", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), link(2));
  stopClock();
  const found = await client().download("a/b.png");
  at(899.999);
  expect(await found.url()).toBe(FIRST);
  expect(service.of(DOWNLOAD)).toHaveLength(1);
});

test("with less it is signed again", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), link(2));
  stopClock();
  const found = await client().download("a/b.png");
  at(900.001);
  expect(await found.url()).toBe(SECOND);
});

test("what was signed again lives from then on", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), link(2), link(3));
  stopClock();
  const found = await client().download("a/b.png");
  at(950);
  await found.url();
  at(950 + 899);
  expect(await found.url()).toBe(SECOND);
  expect(found.expiresAt).toBe(START + 1_950_000);
});

test("callers at the same time share one request", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), link(2), link(3));
  stopClock();
  const found = await client().download("a/b.png");
  at(950);
  expect(await Promise.all([found.url(), found.url(), found.url()])).toEqual([
    SECOND,
    SECOND,
    SECOND,
  ]);
  expect(service.of(DOWNLOAD)).toHaveLength(2);
});

test("a failed refresh gives the old URL while that works", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), refused(403, "forbidden"));
  stopClock();
  const found = await client().download("a/b.png");
  at(999);
  expect(await found.url()).toBe(FIRST);
});

test("a failed refresh is tried again by the next caller", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), refused(403, "forbidden"), link(2));
  stopClock();
  const found = await client().download("a/b.png");
  at(950);
  await found.url();
  expect(await found.url()).toBe(SECOND);
});

test("an expired link that can't be signed again rejects", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), refused(403, "forbidden"));
  stopClock();
  const found = await client().download("a/b.png");
  at(1000);
  const error = await failure(found.url());
  expect(error).toMatchObject({ code: "forbidden", status: 403 });
});

test("a link that expires while it is being signed again rejects", async ({ service, client }) => {
  const { answer, release } = held(refused(403, "forbidden"));
  service.answer(DOWNLOAD, link(1), answer);
  stopClock();
  const found = await client().download("a/b.png");
  at(999);
  const error = failure(found.url());
  await service.arrival(DOWNLOAD, 2);
  at(1000);
  release();
  expect((await error).code).toBe("forbidden");
});

test("an expired link that can be signed again is fresh", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), link(2));
  stopClock();
  const found = await client().download("a/b.png");
  at(5000);
  expect(await found.url()).toBe(SECOND);
});

test("`refresh` signs again, whatever is left", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), link(2));
  const found = await client().download("a/b.png");
  await found.refresh();
  expect(await found.url()).toBe(SECOND);
});

test("`refresh` rejects when it fails, and the URL stays", async ({ service, client }) => {
  service.answer(DOWNLOAD, link(1), refused(403, "forbidden"));
  const found = await client().download("a/b.png");
  await failure(found.refresh());
  expect(await found.url()).toBe(FIRST);
});

test("a link lives from when it was asked for, not from its answer", async ({
  service,
  client,
}) => {
  const { answer, release } = held(link(1));
  service.answer(DOWNLOAD, answer);
  stopClock();
  const found = client().download("a/b.png");
  await service.arrival(DOWNLOAD);
  at(60);
  release();
  expect((await found).expiresAt).toBe(START + 1_000_000);
});

test("a link whose answer got lost is asked for again", async ({ service, client }) => {
  service.answer(DOWNLOAD, drop, link(1));
  const found = await client().download("a/b.png");
  expect(await found.url()).toBe(FIRST);
});

test("the link of an upload signs itself again", async ({ service, bucket, client }) => {
  play("POST", service, bucket);
  service.answer(DOWNLOAD, link(2));
  stopClock();
  const { link: found } = await client().upload(picture(), { kind: "avatar" });
  at(3600);
  expect(await found.url()).toBe(SECOND);
  expect(said(service.of(DOWNLOAD)[0])).toEqual({ objectKey: found.objectKey });
  expect(service.of(KINDS)).toHaveLength(1);
});
