/** The server's limits as Uppy's restrictions. */

import { AssetsError, type UploadedAsset } from "@gridboss/assets";
import type { Meta, UppyOptions } from "@uppy/core";
import { expect, test } from "vitest";
import { add, calls, plugin, settled, standIn, start, upload, uppy } from "./stand-in.js";

test("a kind's limits become Uppy's restrictions", async () => {
  start();
  await settled();
  expect(uppy.opts.restrictions).toMatchObject({
    allowedFileTypes: [".jpg", ".jpeg", ".png", "image/jpeg", "image/png"],
    maxFileSize: 100,
  });
});

test("Uppy says in its own words that a file is too large", async () => {
  start();
  await settled();
  expect(() => add("me.png", 101)).toThrow("exceeds maximum allowed size");
});

test("a file that only its ending tells is let in, as the service lets it in", async () => {
  start();
  await settled();
  expect(() => add("me.jpg", 10, "image/pjpeg")).not.toThrow();
  expect(() => add("me.gif", 10, "image/gif")).toThrow("You can only upload");
});

test("the size may be left to the upload, for pictures that are edited first", async () => {
  start({ restrictions: "types" });
  await settled();
  expect(uppy.opts.restrictions.maxFileSize).toBeNull();
  expect(uppy.opts.restrictions.allowedFileTypes).toContain("image/png");
});

test("no restrictions are set if none are wanted", async () => {
  start({ restrictions: "none" });
  await settled();
  expect(uppy.opts.restrictions).toMatchObject({ maxFileSize: null, allowedFileTypes: null });
});

test("a kind for each file sets no restrictions", async () => {
  start({ kind: () => "avatar" });
  await settled();
  expect(uppy.opts.restrictions).toMatchObject({ maxFileSize: null, allowedFileTypes: null });
});

test("restrictions that Uppy was given stay", async () => {
  const restrictions = { maxFileSize: 7, allowedFileTypes: ["image/*"] };
  start({}, { restrictions } as Partial<UppyOptions<Meta, UploadedAsset>>);
  await settled();
  expect(uppy.opts.restrictions).toMatchObject(restrictions);
});

test("without an answer about the kinds files are uploaded all the same", async () => {
  start({ assets: standIn({ kinds: () => Promise.reject(new AssetsError("network", "Gone.")) }) });
  await settled();
  await upload("me.png");
  expect(calls).toHaveLength(1);
});

test("uninstalling takes back the restrictions that were set", async () => {
  start();
  await settled();
  uppy.removePlugin(plugin());
  expect(uppy.opts.restrictions).toMatchObject({ maxFileSize: null, allowedFileTypes: null });
});

test("an answer about the kinds after uninstalling sets nothing", async () => {
  start();
  uppy.removePlugin(plugin());
  await settled();
  expect(uppy.opts.restrictions.maxFileSize).toBeNull();
});

test("another kind brings its own restrictions", async () => {
  start();
  await settled();
  plugin().setOptions({ kind: "export" });
  await settled();
  expect(uppy.opts.restrictions).toMatchObject({
    maxFileSize: 1000,
    allowedFileTypes: [".csv", "text/csv"],
  });
});

test("another language of Uppy changes no option of the plugin", async () => {
  start();
  await settled();
  uppy.setOptions({ locale: { strings: {} }, restrictions: { maxNumberOfFiles: 1 } });
  plugin().setOptions({ kind: "export" });
  await settled();
  expect(uppy.opts.restrictions).toMatchObject({ maxNumberOfFiles: 1, maxFileSize: 1000 });
});
