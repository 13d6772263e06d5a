/** Files that are removed, uploads that are cancelled, and a plugin that is taken out. */
import { type Assets, AssetsError } from "@gridboss/assets";
import GridBossUploader from "@gridboss/assets/uppy";
import { expect, test, vi } from "vitest";
import { add, call, calls, plugin, settled, standIn, start, upload, uppy } from "./stand-in.js";

test("removing a file stops its upload at once and no other", async () => {
  start();
  const { id, result } = await upload("1.png", "2.png");
  uppy.removeFile(id);
  expect(calls.map(({ options }) => options.signal?.aborted)).toEqual([true, false]);
  call(1).succeed();
  expect((await result)?.successful).toHaveLength(1);
});

test("removing a file that waits for its turn takes it out of the line", async () => {
  start({ limit: 1 });
  const { ids, result } = await upload("1.png", "2.png");
  uppy.removeFile(ids[1] as string);
  call().succeed();
  await result;
  expect(calls).toHaveLength(1);
});

test("removing a file stops the check of its limits", async () => {
  let signal: AbortSignal | undefined;
  const check: Assets["check"] = (_, options) => {
    signal = options.signal;
    return new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(new AssetsError("aborted", "Stopped.")));
    });
  };
  start({ assets: standIn({ check }) });
  const { id, result } = await upload("me.png");
  uppy.removeFile(id);
  expect(signal?.aborted).toBe(true);
  await result;
});

test("a stopped upload is not an error", async () => {
  start();
  const onError = vi.fn();
  uppy.on("upload-error", onError);
  uppy.on("error", onError);
  const { id, result } = await upload("me.png");
  uppy.removeFile(id);
  await result;
  expect(onError).not.toHaveBeenCalled();
});

test("an upload that was stopped too late says nothing about a new file of the same id", async () => {
  const assets = standIn();
  // This one ends well although it was stopped, as one does whose answer was already there.
  const upload = assets.upload;
  start({
    assets: {
      ...assets,
      upload: (data, { signal: _, ...options }) => upload(data, options),
    },
  });
  const file = new File(["x"], "me.png", { type: "image/png", lastModified: 1 });
  const id = uppy.addFile(file);
  const result = uppy.upload();
  await settled();
  uppy.removeFile(id);
  expect(uppy.addFile(file)).toBe(id);
  call().options.onProgress?.(0.5, { loaded: 5, total: 10 });
  call().succeed();
  await result;
  expect(uppy.getFile(id)).toMatchObject({ progress: { percentage: 0, uploadComplete: false } });
});

test("a file that was removed and added again can be removed again", async () => {
  start();
  const file = new File(["x"], "me.png", { type: "image/png", lastModified: 1 });
  uppy.addFile(file);
  void uppy.upload();
  await settled();
  uppy.removeFile(uppy.getFiles()[0]?.id ?? "");
  uppy.addFile(file);
  void uppy.upload();
  await settled();
  uppy.removeFile(uppy.getFiles()[0]?.id ?? "");
  expect(call(1).options.signal?.aborted).toBe(true);
});

test("cancelling all stops every upload, and the promise settles", async () => {
  start({ limit: 2 });
  const { result } = await upload("1.png", "2.png", "3.png");
  uppy.cancelAll();
  await result;
  expect(calls.map(({ options }) => options.signal?.aborted)).toEqual([true, true]);
});

test("an upload stops when its file is gone without a word", async () => {
  start();
  const { result } = await upload("me.png");
  uppy.clear();
  call().options.onProgress?.(0.5, { loaded: 5, total: 10 });
  expect(call().options.signal?.aborted).toBe(true);
  await result.catch(() => {}); // Uppy itself looks for the file.
});

test("uninstalling stops every upload and listens no longer", async () => {
  start();
  const { id, result } = await upload("me.png");
  uppy.removePlugin(plugin());
  await result;
  expect(call().options.signal?.aborted).toBe(true);
  expect(uppy.getFile(id).error).toBeUndefined();
  add("you.png");
  await uppy.upload();
  expect(calls).toHaveLength(1);
});

test("after uninstalling a removed file changes nothing in Uppy's state", () => {
  start();
  uppy.removePlugin(plugin());
  const id = add("bad.png");
  add("good.png");
  uppy.setFileState(id, { error: "bad" });
  uppy.setState({ error: "bad" });
  uppy.removeFile(id);
  expect(uppy.getState().error).toBe("bad");
});

test("single files can be cancelled and none can be paused, until it is uninstalled", () => {
  start();
  uppy.removePlugin(plugin());
  const { capabilities } = uppy.getState();
  const before = { individualCancellation: false, resumableUploads: true };
  uppy.setState({ capabilities: { ...capabilities, ...before } });
  uppy.use(GridBossUploader, { assets: standIn(), kind: "avatar" });
  const during = { individualCancellation: true, resumableUploads: false };
  expect(uppy.getState().capabilities).toMatchObject(during);
  uppy.removePlugin(plugin());
  expect(uppy.getState().capabilities).toMatchObject(before);
});
