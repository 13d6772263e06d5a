/** Files that fail: what is said, and how they are tried again. */

import { type Assets, AssetsError, type UploadedAsset } from "@gridboss/assets";
import type { Meta, MinimalRequiredUppyFile } from "@uppy/core";
import { expect, test, vi } from "vitest";
import { add, call, calls, refused, settled, standIn, start, upload, uppy } from "./stand-in.js";

test("an error's message stands at its file, and the error goes to the page's listeners", async () => {
  start();
  const onError = vi.fn();
  uppy.on("upload-error", onError);
  const { id, result } = await upload("me.png");
  const error = refused();
  call().fail(error);
  const { failed } = (await result) ?? {};
  expect(uppy.getFile(id).error).toBe("The picture is damaged.");
  expect(failed?.[0]?.id).toBe(id);
  expect(onError).toHaveBeenCalledOnce();
  expect(onError.mock.lastCall?.slice(1, 3)).toEqual([error, { status: 400 }]);
});

test("Uppy tells of a failure once", async () => {
  start();
  const { result } = await upload("me.png");
  call().fail(refused());
  await result;
  expect(uppy.getState().info).toMatchObject([{ details: "The picture is damaged." }]);
});

test("a file that fails doesn't stop the others", async () => {
  start({ limit: 1 });
  const { ids, result } = await upload("bad.png", "good.png");
  call(0).fail(refused());
  await settled();
  call(1).succeed();
  const { failed, successful } = (await result) ?? {};
  expect(failed?.map(({ id }) => id)).toEqual([ids[0]]);
  expect(successful?.map(({ id }) => id)).toEqual([ids[1]]);
});

test("a listener of the page that throws doesn't stop other files or undo a success", async () => {
  start();
  uppy.once("upload-success", () => {
    throw new Error("the page's own bug");
  });
  const { result } = await upload("1.png", "2.png");
  call(0).succeed();
  call(1).succeed();
  expect((await result)?.successful).toHaveLength(2);
});

test("a failed file can be sent again, from the beginning", async () => {
  start();
  const { id, result } = await upload("me.png");
  call().options.onProgress?.(1, { loaded: 10, total: 10 });
  call().options.onStep?.("completing");
  call().fail(refused());
  await result;
  const retried = uppy.retryUpload(id);
  await settled();
  expect(uppy.getFile(id)).toMatchObject({ error: null, progress: { bytesUploaded: 0 } });
  call(1).succeed();
  expect((await retried)?.successful).toHaveLength(1);
});

test("all failed files can be sent again, and only these", async () => {
  start();
  const { ids, result } = await upload("bad.png", "good.png");
  call(0).fail(refused());
  call(1).succeed();
  await result;
  const retried = uppy.retryAll();
  await settled();
  expect(calls).toHaveLength(3);
  call(2).succeed();
  expect((await retried)?.successful?.map(({ id }) => id)).toEqual([ids[0]]);
});

test("a file that the limits refuse is not sent and can still be edited and sent again", async () => {
  const tooLarge = new AssetsError("object_too_large", "At most 100 bytes are accepted.");
  const check: Assets["check"] = (data) =>
    data.size > 100 ? Promise.reject(tooLarge) : Promise.resolve();
  start({ assets: standIn({ check }), restrictions: "types" });
  await settled();
  const id = add("me.png", 200);
  await uppy.upload();
  expect(uppy.getFile(id)).toMatchObject({
    error: "At most 100 bytes are accepted.",
    progress: { uploadStarted: null },
  });
  expect(uppy.getFile(id).progress.preprocess).toBeUndefined();
  expect(calls).toHaveLength(0);

  uppy.setFileState(id, { data: new File(["small"], "me.png", { type: "image/png" }), size: 5 });
  void uppy.retryAll();
  await settled();
  expect(call().data.size).toBe(5);
});

test("a file of a remote source is refused with advice", async () => {
  start();
  const remote = { companionUrl: "", requestClientId: "", url: "" };
  const file = { name: "me.png", type: "image/png", isRemote: true, data: { size: 3 }, remote };
  uppy.addFile(file as MinimalRequiredUppyFile<Meta, UploadedAsset>);
  await uppy.upload();
  expect(uppy.getFiles()[0]?.error).toMatch("other services");
  expect(calls).toHaveLength(0);
});

test("a restored file whose bytes are gone is refused with advice", async () => {
  start();
  const id = add("me.png");
  uppy.setFileState(id, { data: undefined, isGhost: true });
  await uppy.upload();
  expect(uppy.getFile(id).error).toMatch("choose it again");
});
