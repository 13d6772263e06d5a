import { AssetsError } from "@gridboss/assets";
import { expect } from "vitest";
import { test } from "./support.js";

test.for([
  ["https://api.example.com/files/", "https://api.example.com/files/assets/avatars/driver-7/1.png"],
  ["/files", "/files/assets/avatars/driver-7/1.png"],
  ["", "/assets/avatars/driver-7/1.png"],
] as const)("of a service at %j is %s", ([baseUrl, expected], { client, service }) => {
  expect(client({ baseUrl }).permalink("avatars/driver-7/1.png")).toBe(expected);
  expect(service.received).toHaveLength(0);
});

test("has each segment of the key escaped", ({ client }) => {
  const assets = client({ baseUrl: "" });
  expect(assets.permalink("exports/Sánchez & co/a?b#c.csv")).toBe(
    "/assets/exports/S%C3%A1nchez%20%26%20co/a%3Fb%23c.csv",
  );
});

test.for(["", "/a.png", "a//b.png", "a/", "../login", "a/./b.png", "a/.."])(
  "of %j is refused, which no browser would ask for as it stands",
  (key, { client }) => {
    expect(() => client().permalink(key)).toThrow(AssetsError);
  },
);
