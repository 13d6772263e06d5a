/** A page with many pictures, and the client itself between it and the service. */
import { type Assets, createAssets } from "@gridboss/assets";
import { useAssetUrl } from "@gridboss/assets/react";
import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DUE, LIFE, pass } from "./react-standin.js";

interface Asked {
  objectKey?: string;
  objectKeys?: string[];
}

/** A service whose links come from `sign`; a key that begins with `theirs` is refused. */
function page(sign = (key: string, request: number) => `https://bucket.example/${key}?${request}`) {
  const asked: Asked[] = [];
  const each = (key: string) =>
    key.startsWith("theirs")
      ? { objectKey: key, detail: { error: "forbidden", message: "Not yours." } }
      : { objectKey: key, url: sign(key, asked.length), expiresIn: LIFE };
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => {
    const { objectKey, objectKeys }: Asked = JSON.parse(body);
    asked.push({ ...(objectKey && { objectKey }), ...(objectKeys && { objectKeys }) });
    const answer = objectKey ? each(objectKey) : { links: objectKeys?.map(each), expiresIn: LIFE };
    return new Response(JSON.stringify(answer));
  });
  const assets = createAssets({ baseUrl: "" });
  const avatars = (shown: string[]) =>
    shown.map((name) => <Avatar key={name} name={name} assets={assets} />);
  return { asked, avatars };
}

function Avatar({ name, assets }: { name: string; assets: Assets }) {
  const { url, error } = useAssetUrl(name, { assets });
  return error ? <p role="alert">{error.message}</p> : <img alt={name} src={url} />;
}

/** A refresh is due, and the request of all that are has gone. */
const LATER = DUE + 1;

const names = (count: number) => Array.from({ length: count }, (_, index) => `avatars/${index}`);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("fifty pictures make one request, and one more when they are refreshed", async () => {
  const { asked, avatars } = page();
  const { container } = render(avatars(names(50)));
  const fresh = (request: number) => container.querySelectorAll(`img[src$="?${request}"]`);
  await pass();
  expect(asked).toEqual([{ objectKeys: names(50) }]);
  expect(fresh(1)).toHaveLength(50);
  await pass(LATER);
  expect(asked).toEqual([{ objectKeys: names(50) }, { objectKeys: names(50) }]);
  expect(fresh(2)).toHaveLength(50);
});

test("pictures whose links were had a moment apart are refreshed together", async () => {
  const { asked, avatars } = page();
  const { rerender } = render(avatars(["avatars/1"]));
  await pass(400);
  rerender(avatars(["avatars/1", "avatars/2"]));
  await pass(LATER - 400);
  const first = [{ objectKey: "avatars/1" }, { objectKey: "avatars/2" }];
  expect(asked).toEqual([...first, { objectKeys: ["avatars/1", "avatars/2"] }]);
  await pass(DUE - 2);
  expect(asked).toHaveLength(3);
});

test("one picture that is refused shows its error beside the others", async () => {
  const { avatars } = page();
  const { container, getByRole } = render(avatars(["avatars/1", "theirs/1"]));
  await pass();
  expect(getByRole("alert").textContent).toBe("Not yours.");
  expect(container.querySelector("img")?.src).toBe("https://bucket.example/avatars/1?1");
});

test("a picture that goes before its link is asked for leaves the others", async () => {
  const { asked, avatars } = page();
  const { container, rerender } = render(avatars(["avatars/1", "avatars/2"]));
  rerender(avatars(["avatars/2"]));
  await pass();
  expect(container.querySelector("img")?.src).toBe("https://bucket.example/avatars/2?1");
  expect(asked).toEqual([{ objectKey: "avatars/2" }]);
});

test("a refresh that gives the same URL does not touch the picture", async () => {
  const { asked, avatars } = page((key) => `https://cdn.example/${key}`);
  const { container } = render(avatars(["avatars/1"]));
  await pass();
  const picture = container.querySelector("img") as HTMLImageElement;
  const changes = new MutationObserver(() => {});
  changes.observe(container, { attributes: true, childList: true, subtree: true });
  await pass(LATER);
  expect(asked).toHaveLength(2);
  expect(changes.takeRecords()).toEqual([]);
  expect(picture.src).toBe("https://cdn.example/avatars/1");
});
