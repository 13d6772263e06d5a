/** What is sent, what Uppy is told meanwhile, and how many go at once. */
import GridBossUploader from "@gridboss/assets/uppy";
import Uppy from "@uppy/core";
import { expect, test, vi } from "vitest";
import {
  add,
  call,
  calls,
  type Options,
  plugin,
  settled,
  standIn,
  start,
  upload,
  uppy,
} from "./stand-in.js";

test("a missing client is said when the plugin is added", () => {
  const incomplete = { kind: "avatar" } as unknown as Options;
  expect(() => start({ assets: undefined, ...incomplete } as Options)).toThrow("createAssets()");
});

test("a missing kind is said when the plugin is added", () => {
  expect(() => start({ kind: "" })).toThrow("`kind`");
});

test("a file is sent under its name and its kind", async () => {
  start();
  await upload("me.png");
  expect(call().options).toMatchObject({ kind: "avatar", filename: "me.png" });
  expect(call().data).toBe(uppy.getFiles()[0]?.data);
});

test("the kind may be chosen for each file", async () => {
  start({ kind: ({ extension }) => (extension === "csv" ? "export" : "avatar") });
  await upload("me.png", "data.csv");
  expect(calls.map(({ options }) => options.kind)).toEqual(["avatar", "export"]);
});

test("a choice of the kind that throws is the error of that file", async () => {
  start({
    kind: () => {
      throw new Error("no kind");
    },
  });
  const { id, result } = await upload("me.png");
  await result;
  expect(uppy.getFile(id).error).toBe("no kind");
});

test("a file that was edited is sent as it was edited, in the format of the editor", async () => {
  start();
  const id = add("me.png");
  const edited = new File(["edited"], "me.png", { type: "image/jpeg" });
  uppy.setFileState(id, { data: edited, size: edited.size });
  void uppy.upload();
  await settled();
  expect(call().data).toBe(edited);
});

test("a file that was renamed in the Dashboard is sent under its new name", async () => {
  start();
  const id = add("me.png");
  uppy.setFileMeta(id, { name: "Me in May.png" });
  void uppy.upload();
  await settled();
  expect(call().options.filename).toBe("Me in May.png");
});

test("a blob without a type is sent with the type that Uppy was told", async () => {
  start();
  uppy.addFile({ name: "blob", type: "image/png", data: new Blob(["x"]) });
  void uppy.upload();
  await settled();
  expect(call().data.type).toBe("image/png");
});

test("a blob whose type nobody knows is sent as it is", async () => {
  start({ restrictions: "none" });
  const data = new Blob(["x"]);
  uppy.addFile({ name: "unknown", data });
  void uppy.upload();
  await settled();
  expect(call().data).toBe(data);
});

test("progress is shown in bytes", async () => {
  start();
  const { id } = await upload("me.png");
  call().options.onProgress?.(0.4, { loaded: 4, total: 10 });
  expect(uppy.getFile(id).progress).toMatchObject({ bytesUploaded: 4, percentage: 40 });
});

test("progress may fall back after all was sent", async () => {
  start();
  const { id } = await upload("me.png");
  call().options.onProgress?.(1, { loaded: 1000, total: 1000 });
  call().options.onProgress?.(0.1, { loaded: 100, total: 1000 });
  expect(uppy.getFile(id).progress.percentage).toBe(10);
});

test("a file counts as uploaded only when it is sealed", async () => {
  start();
  const { id, result } = await upload("me.png");
  call().options.onProgress?.(1, { loaded: 1000, total: 1000 });
  call().options.onStep?.("completing");
  expect(uppy.getFile(id).progress).toMatchObject({ percentage: 99, uploadComplete: false });
  call().succeed();
  await result;
  expect(uppy.getFile(id).progress).toMatchObject({ percentage: 100, uploadComplete: true });
});

test("the sealed asset is the response of its file", async () => {
  start();
  const onSuccess = vi.fn();
  uppy.on("upload-success", onSuccess);
  const { id, result } = await upload("me.png");
  call().succeed();
  const { successful } = (await result) ?? {};
  const url = "https://bucket.test/me.png";
  expect(successful?.[0]?.response?.body?.objectKey).toBe("avatars/me.png");
  expect(uppy.getFile(id)).toMatchObject({ uploadURL: url, response: { status: 200 } });
  expect(onSuccess).toHaveBeenCalledOnce();
});

test("every file goes through Uppy's events in their order", async () => {
  start();
  const seen: string[] = [];
  const events = ["preprocess-progress", "preprocess-complete", "upload-start"] as const;
  for (const name of [...events, "upload-progress", "upload-success", "complete"] as const) {
    uppy.on(name, () => void seen.push(name));
  }
  const { result } = await upload("me.png");
  call().succeed();
  await result;
  expect(seen).toEqual([...events, "upload-progress", "upload-success", "complete"]);
});

test("a file that another plugin found wrong is not sent", async () => {
  start();
  uppy.addPreProcessor(async ([id]) => uppy.setFileState(id as string, { error: "wrong" }));
  const { result } = await upload("me.png");
  await result;
  expect(calls).toHaveLength(0);
});

test("an upload that waits is told in a message that names the file", async () => {
  start();
  await upload("me.png");
  call().options.onStep?.("waiting");
  expect(uppy.getState().info).toMatchObject([
    { type: "warning", message: expect.stringContaining("by itself"), details: "me.png" },
  ]);
});

test("the messages can be translated", async () => {
  start({ locale: { strings: { waitingToGoOn: "Es geht gleich weiter." } } });
  await upload("me.png");
  call().options.onStep?.("waiting");
  expect(uppy.getState().info[0]?.message).toBe("Es geht gleich weiter.");
});

test("no more files are sent at once than the limit says", async () => {
  start({ limit: 2 });
  await upload("1.png", "2.png", "3.png");
  expect(calls).toHaveLength(2);
  call().succeed();
  await settled();
  expect(calls).toHaveLength(3);
});

test("three files are sent at once if no limit is given", async () => {
  start();
  await upload("1.png", "2.png", "3.png", "4.png");
  expect(calls).toHaveLength(3);
});

test("the limit can be changed", async () => {
  start({ limit: 1 });
  plugin().setOptions({ limit: 2 });
  await upload("1.png", "2.png", "3.png");
  expect(calls).toHaveLength(2);
});

test("the limit counts all files, also of two batches", async () => {
  start({ limit: 1 });
  await upload("1.png");
  await upload("2.png");
  expect(calls).toHaveLength(1);
});

test("an Uppy without type arguments takes the plugin", () => {
  const plain = new Uppy().use(GridBossUploader, { assets: standIn(), kind: "avatar" });
  expect(plain.getPlugin("GridBossUploader")).toBeInstanceOf(GridBossUploader);
  plain.destroy();
});

// The real Dashboard, without its style sheets.
