/** The real Dashboard, without its style sheets. */
import { AssetsError } from "@gridboss/assets";
import Dashboard from "@uppy/dashboard";
import ImageEditor from "@uppy/image-editor";
import { beforeAll, expect, test } from "vitest";
import {
  add,
  call,
  calls,
  type Options,
  refused,
  settled,
  standIn,
  start,
  upload,
  uppy,
} from "./stand-in.js";

beforeAll(() => {
  window.matchMedia ??= () => ({ matches: false, addListener() {} }) as never;
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
});

/** Mount the Dashboard and wait until it draws what happened. */
async function dashboard(options: Options = {}) {
  start({ restrictions: "none", ...options });
  uppy.use(Dashboard, { inline: true, target: document.body, disableThumbnailGenerator: true });
  await settled();
}

const button = (label: string) =>
  document.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`);

async function drawn() {
  await settled();
  await settled();
}

test("the Dashboard shows an error's message at its file", async () => {
  await dashboard();
  const { result } = await upload("me.png");
  call().fail(refused());
  await result;
  await drawn();
  expect(document.querySelector(".uppy-Dashboard-Item.is-error")).not.toBeNull();
  expect(button("The picture is damaged.")).not.toBeNull();
});

test("in the Dashboard a failed file can be removed and replaced by another", async () => {
  await dashboard();
  const { ids, result } = await upload("good.png", "bad.png");
  call(0).succeed();
  call(1).fail(refused());
  await result;
  await drawn();
  button("Remove file")?.click(); // There is none at the file that is uploaded.
  add("better.png");
  await drawn();
  expect(uppy.getFiles().map(({ id }) => id)).not.toContain(ids[1]);
  button("Upload 1 file")?.click();
  await drawn();
  expect(call(2).options.filename).toBe("better.png");
});

test("in the Dashboard a failed file can be sent again", async () => {
  await dashboard();
  const { result } = await upload("me.png");
  call().fail(refused());
  await result;
  await drawn();
  document.querySelector<HTMLElement>(".uppy-Dashboard-Item [aria-label='Retry upload']")?.click();
  await drawn();
  expect(calls).toHaveLength(2);
  expect(document.querySelector(".is-error")).toBeNull();
});

test("in the Dashboard a single upload can be cancelled", async () => {
  await dashboard();
  await upload("me.png", "you.png");
  await drawn();
  button("Cancel upload")?.click();
  expect(calls.map(({ options }) => options.signal?.aborted)).toEqual([true, false]);
});

test("the Dashboard says that a file is being checked", async () => {
  await dashboard({ assets: standIn({ check: () => new Promise(() => {}) }) });
  await upload("me.png");
  await drawn();
  expect(document.querySelector(".uppy-StatusBar")?.textContent).toContain("Checking the file…");
});

test("in the Dashboard a picture that is too large can still be edited", async () => {
  const tooLarge = new AssetsError("object_too_large", "At most 100 bytes are accepted.");
  await dashboard({ assets: standIn({ check: () => Promise.reject(tooLarge) }) });
  uppy.use(ImageEditor);
  const { result } = await upload("me.png");
  await result;
  await drawn();
  expect(button("At most 100 bytes are accepted.")).not.toBeNull();
  expect(button("Edit file me.png")).not.toBeNull();
});
