/**
 * Tokens, policies, signatures and query strings stay out of every error. `failure` looks for them
 * in each error of the other files; here are the places in which they are closest.
 */
import { AssetsError } from "@gridboss/assets";
import { expect } from "vitest";
import { type Answer, cut, drop, json, refused, text, xml } from "./server.js";
import {
  COMPLETE,
  completed,
  expectNoSecret,
  failure,
  KINDS,
  METHODS,
  picture,
  play,
  SECRET,
  SEND,
  SIGN,
  TOKEN,
  test,
} from "./support.js";

test("the search finds a secret wherever it is", () => {
  const hidden = { url: `https://bucket.example/?a=${SECRET}` };
  expect(() => expectNoSecret(new AssetsError("network", `No ${TOKEN}.`))).toThrow();
  expect(() => expectNoSecret(new AssetsError("network", "", { cause: hidden }))).toThrow();
  expect(() =>
    expectNoSecret(new AssetsError("network", "", { cause: new Error("", { cause: hidden }) })),
  ).toThrow();
  expect(() => expectNoSecret(Object.assign(new Error(""), { hidden }))).toThrow();
});

const BAD: [string, Answer][] = [
  ["breaks the connection", drop],
  ["breaks off", cut],
  ["refuses", refused(403, "forbidden")],
  ["is busy", refused(503, "service_busy", { "Retry-After": "999" })],
  ["is not there", text(502, `Bad gateway: ${TOKEN}`)],
  ["is something else", text(200, `Authorization: ${TOKEN}`)],
  [
    "repeats what it was sent",
    (response, { headers }) => json({ detail: "Not Found", headers }, 404)(response, {} as never),
  ],
];

test.for([KINDS, SIGN, COMPLETE].flatMap((route) => BAD.map((bad) => [route, ...bad] as const)))(
  "the service, asked for %s, %s",
  async ([route, , answer], { service, bucket, client }) => {
    play("PUT", service, bucket);
    service.answer(route, answer);
    await failure(client({ tries: 2 }).upload(picture(), { kind: "avatar" }));
  },
);

const STORAGE: [string, Answer | "cors" | "down"][] = [
  ["can't be reached", "down"],
  ["refuses this page", "cors"],
  ["breaks the connection", drop],
  ["answers in another language", text(400, `${SECRET} <html>`)],
  [
    "quotes the request",
    (response, { url, body }) =>
      xml(
        403,
        "SignatureDoesNotMatch",
        `${url} ${body}`.replaceAll("<", ""),
      )(response, {} as never),
  ],
  [
    "quotes the request as a code",
    (response, { url }) => xml(403, `${url}`, "")(response, {} as never),
  ],
];

test.for(METHODS.flatMap((method) => STORAGE.map((bad) => [method, ...bad] as const)))(
  "a bucket, with %s, %s",
  async ([method, , answer], { service, bucket, client }) => {
    play(method, service, bucket);
    if (answer === "down") bucket.down = true;
    else if (answer === "cors") bucket.cors = false;
    else bucket.answer(SEND[method], answer);
    await failure(client({ tries: 2 }).upload(picture(), { kind: "avatar" }));
  },
);

test.for(METHODS)("a stopped upload, with %s", async (method, { service, bucket, client }) => {
  play(method, service, bucket);
  const controller = new AbortController();
  const { signal } = controller;
  bucket.answer(SEND[method], () => controller.abort());
  await failure(client().upload(picture(), { kind: "avatar", signal }));
});

test("a result has no token and no form", async ({ service, bucket, client }) => {
  play("POST", service, bucket);
  const { url, link, ...done } = await client().upload(picture(), { kind: "avatar" });
  expect(JSON.stringify(done)).not.toContain(SECRET);
  expect(JSON.stringify(link)).not.toContain(SECRET);
  expect(url).toBe(completed(done.objectKey).url);
});
