/** Many links: what goes out as one request, and whose error is whose. */
import { AssetsError, type DownloadLink } from "@gridboss/assets";
import { describe, expect } from "vitest";
import { type Answer, held, json, refused, stall } from "./server.js";
import { DOWNLOAD, failure, LIFE, said, test } from "./support.js";

const url = (key: string) => `https://bucket.example/${key}`;

/** As the service answers: each key by itself; those that begin with `theirs` are refused. */
const answerEach: Answer = (response, request) => {
  const { objectKey, objectKeys } = said(request);
  const each = (key: string) =>
    key.startsWith("theirs")
      ? { objectKey: key, detail: { error: "forbidden", message: "Not yours." } }
      : { objectKey: key, url: url(key), expiresIn: LIFE };
  const answer = objectKeys ? { links: objectKeys.map(each), expiresIn: LIFE } : each(objectKey);
  json(answer)(response, request);
};

const keys = (count: number) => Array.from({ length: count }, (_, index) => `a/${index}.png`);
const urls = (links: (DownloadLink | AssetsError)[]) =>
  Promise.all(links.map((link) => (link instanceof AssetsError ? link.code : link.url())));

describe("downloads at the same time", () => {
  test("of different keys make one request", async ({ service, client }) => {
    service.answer(DOWNLOAD, answerEach);
    const assets = client();
    const links = await Promise.all(keys(3).map((key) => assets.download(key)));
    expect(await urls(links)).toEqual(keys(3).map(url));
    expect(service.of(DOWNLOAD).map(said)).toEqual([{ objectKeys: keys(3) }]);
  });

  test("make one request, also where one comes some microtasks later", async ({
    service,
    client,
  }) => {
    service.answer(DOWNLOAD, answerEach);
    const assets = client();
    const first = assets.download("a/1.png");
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    const links = await Promise.all([first, assets.download("a/2.png")]);
    expect(await urls(links)).toEqual([url("a/1.png"), url("a/2.png")]);
    expect(service.of(DOWNLOAD)).toHaveLength(1);
  });

  test("of one key ask for that key alone", async ({ service, client }) => {
    service.answer(DOWNLOAD, answerEach);
    const assets = client();
    const links = await Promise.all([assets.download("a/1.png"), assets.download("a/1.png")]);
    expect(await urls(links)).toEqual([url("a/1.png"), url("a/1.png")]);
    expect(service.of(DOWNLOAD).map(said)).toEqual([{ objectKey: "a/1.png" }]);
  });

  test("with other options make a request for each", async ({ service, client }) => {
    service.answer(DOWNLOAD, answerEach);
    const assets = client();
    await Promise.all([
      assets.download("a/1.png"),
      assets.download("a/2.png", { disposition: "attachment" }),
      assets.download("a/3.png", { disposition: "attachment" }),
    ]);
    expect(service.of(DOWNLOAD).map(said)).toContainEqual({ objectKey: "a/1.png" });
    expect(service.of(DOWNLOAD).map(said)).toContainEqual({
      objectKeys: ["a/2.png", "a/3.png"],
      disposition: "attachment",
    });
  });

  test("fail by themselves when one key is refused", async ({ service, client }) => {
    service.answer(DOWNLOAD, answerEach);
    const assets = client();
    const mine = assets.download("a/1.png");
    const error = await failure(assets.download("theirs/1.png"));
    expect(error).toMatchObject({ code: "forbidden", message: "Not yours.", retryable: false });
    expect(await (await mine).url()).toBe(url("a/1.png"));
  });

  test("fail together when the request is refused", async ({ service, client }) => {
    service.answer(DOWNLOAD, refused(401, "unauthenticated"));
    const assets = client();
    const errors = await Promise.all(keys(2).map((key) => failure(assets.download(key))));
    expect(errors.map(({ code }) => code)).toEqual(["unauthenticated", "unauthenticated"]);
    expect(service.of(DOWNLOAD)).toHaveLength(1);
  });

  test("ask again together when the service was away", async ({ service, client }) => {
    service.answer(DOWNLOAD, refused(503, "storage_unavailable"), answerEach);
    const assets = client();
    const links = await Promise.all(keys(2).map((key) => assets.download(key)));
    expect(await urls(links)).toEqual(keys(2).map(url));
    expect(service.of(DOWNLOAD)).toHaveLength(2);
  });

  test("take a value that is no key for an error of its own", async ({ service, client }) => {
    service.answer(DOWNLOAD, answerEach);
    const assets = client();
    await Promise.all([assets.download("a/1.png"), assets.download(null as unknown as string)]);
    expect(said(service.of(DOWNLOAD)[0])).toEqual({ objectKeys: ["a/1.png", "null"] });
  });

  test("reject where the answer has fewer links", async ({ service, client }) => {
    service.answer(DOWNLOAD, json({ links: [], expiresIn: 0 }));
    const assets = client();
    const errors = await Promise.all(keys(2).map((key) => failure(assets.download(key))));
    expect(errors.map(({ code }) => code)).toEqual(["unexpected_answer", "unexpected_answer"]);
  });
});

describe("a download that is stopped", () => {
  test("leaves the others of its request alone", async ({ service, client }) => {
    const { answer, release } = held(answerEach);
    service.answer(DOWNLOAD, answer);
    const controller = new AbortController();
    const assets = client();
    const stopped = failure(assets.download("a/0.png", { signal: controller.signal }));
    const other = assets.download("a/1.png");
    await service.arrival(DOWNLOAD);
    controller.abort();
    expect((await stopped).code).toBe("aborted");
    release();
    expect(await (await other).url()).toBe(url("a/1.png"));
    expect(service.of(DOWNLOAD)).toHaveLength(1);
  });

  test("ends the request when the others are stopped too", async ({ service, client }) => {
    service.answer(DOWNLOAD, stall);
    const controller = new AbortController();
    const { signal } = controller;
    const assets = client();
    const stopped = keys(2).map((key) => failure(assets.download(key, { signal })));
    const { left } = await service.arrival(DOWNLOAD);
    controller.abort();
    await Promise.all(stopped);
    await left;
  });

  test("is not asked for when it is stopped at once, unlike the next", async ({
    service,
    client,
  }) => {
    service.answer(DOWNLOAD, answerEach);
    const controller = new AbortController();
    const assets = client();
    const stopped = failure(assets.download("a/0.png", { signal: controller.signal }));
    controller.abort();
    await stopped;
    const next = await assets.download("a/1.png");
    expect(await next.url()).toBe(url("a/1.png"));
    expect(service.of(DOWNLOAD).map(said)).toEqual([{ objectKey: "a/1.png" }]);
  });
});

test("links that are refreshed at the same time make one request", async ({ service, client }) => {
  service.answer(DOWNLOAD, answerEach);
  const links = await client().downloadMany(keys(3));
  await Promise.all(links.map((link) => (link as DownloadLink).refresh()));
  expect(service.of(DOWNLOAD).map(said)).toEqual([
    { objectKeys: keys(3) },
    { objectKeys: keys(3) },
  ]);
});

describe("`downloadMany`", () => {
  test("gives a link or an error for each key, in order", async ({ service, client }) => {
    service.answer(DOWNLOAD, answerEach);
    const links = await client().downloadMany(["a/2.png", "theirs/1.png", "a/1.png", "a/2.png"]);
    expect(await urls(links)).toEqual([
      url("a/2.png"),
      "forbidden",
      url("a/1.png"),
      url("a/2.png"),
    ]);
  });

  test("asks for 500 keys in a request", async ({ service, client }) => {
    service.answer(DOWNLOAD, answerEach);
    const links = await client().downloadMany(keys(1001));
    expect(await urls(links)).toEqual(keys(1001).map(url));
    const asked = service.of(DOWNLOAD).map(said);
    expect(asked.map(({ objectKeys = [0] }) => objectKeys.length).sort()).toEqual([1, 500, 500]);
  });

  test("of no keys makes no request", async ({ service, client }) => {
    expect(await client().downloadMany([])).toEqual([]);
    expect(service.received).toHaveLength(0);
  });

  test("gives the error of a request for each of its keys", async ({ service, client }) => {
    service.answer(DOWNLOAD, refused(429, "too_many_requests", { "Retry-After": "60" }));
    const links = await client().downloadMany(keys(2));
    expect(links).toMatchObject([
      { code: "too_many_requests", retryAfter: 60 },
      { code: "too_many_requests", retryAfter: 60 },
    ]);
  });

  test("rejects when it is stopped", async ({ service, client }) => {
    service.answer(DOWNLOAD, stall);
    const controller = new AbortController();
    const error = failure(client().downloadMany(keys(2), { signal: controller.signal }));
    const { left } = await service.arrival(DOWNLOAD);
    controller.abort();
    expect((await error).code).toBe("aborted");
    await left;
  });
});

test("a name and a disposition are sent, also when the link signs itself again", async ({
  service,
  client,
}) => {
  service.answer(DOWNLOAD, answerEach);
  const options = { disposition: "attachment", filename: "Ada.png" } as const;
  const link = await client().download("a/1.png", options);
  await link.refresh();
  const body = { objectKey: "a/1.png", ...options };
  expect(service.of(DOWNLOAD).map(said)).toEqual([body, body]);
});
