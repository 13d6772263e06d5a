import {
  type Assets,
  AssetsError,
  type Kind,
  type UploadedAsset,
  type UploadOptions,
} from "@gridboss/assets";
import GridBossUploader, { type GridBossUploaderOptions } from "@gridboss/assets/uppy";
import Uppy, {
  type Body,
  type Meta,
  type MinimalRequiredUppyFile,
  type UppyOptions,
} from "@uppy/core";
import Dashboard from "@uppy/dashboard";
import ImageEditor from "@uppy/image-editor";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

const AVATAR: Kind = {
  name: "avatar",
  maxSize: 100,
  contentTypes: { "image/jpeg": [".jpg", ".jpeg"], "image/png": [".png"] },
  aliases: { "image/jpeg": ["", "image/pjpeg"], "image/png": ["", "image/x-png"] },
};
const EXPORT: Kind = {
  name: "export",
  maxSize: 1000,
  contentTypes: { "text/csv": [".csv"] },
  aliases: { "text/csv": [] },
};

/** One call of `upload`, which the test answers. */
interface Call {
  data: Blob;
  options: UploadOptions;
  succeed(): void;
  fail(error: Error): void;
}

const refused = (message = "The picture is damaged.") =>
  new AssetsError("invalid_image", message, { status: 400 });

let calls: Call[];
let uppy: Uppy<Meta, UploadedAsset>;

/** An `Assets` whose uploads last until the test ends them. */
function standIn(parts: Partial<Assets> = {}): Assets {
  const never = () => Promise.reject(new Error("not used here"));
  return {
    upload: (data, options) =>
      new Promise((resolve, reject) => {
        const { filename, signal } = options;
        const objectKey = `avatars/${filename}`;
        const asset = { objectKey, url: `https://bucket.test/${filename}` } as UploadedAsset;
        calls.push({ data, options, succeed: () => resolve(asset), fail: reject });
        const stop = () => reject(new AssetsError("aborted", "Stopped."));
        signal?.addEventListener("abort", stop);
        if (signal?.aborted) stop();
      }),
    check: () => Promise.resolve(),
    kinds: () => Promise.resolve([AVATAR, EXPORT]),
    download: never,
    remove: never,
    ...parts,
  };
}

type Plugin = GridBossUploader<Meta, UploadedAsset>;
type Options = Partial<GridBossUploaderOptions<Meta, Body>>;

function start(options: Options = {}, uppyOptions: Partial<UppyOptions<Meta, UploadedAsset>> = {}) {
  const silent = { debug() {}, warn() {}, error() {} };
  uppy = new Uppy<Meta, UploadedAsset>({ logger: silent, ...uppyOptions });
  uppy.use(GridBossUploader, { assets: standIn(), kind: "avatar", ...options });
}

const plugin = () => uppy.getPlugin("GridBossUploader") as Plugin;
const settled = () => new Promise((resolve) => setTimeout(resolve));
const add = (name: string, size = 10, type = "image/png") =>
  uppy.addFile(new File([new Uint8Array(size)], name, { type }));

/** Add files and click Upload. */
async function upload(...names: string[]) {
  const ids = names.map((name) => add(name));
  const result = uppy.upload();
  await settled();
  return { ids, id: ids[0] as string, result };
}

const call = (index = 0) => calls[index] as Call;

beforeEach(() => {
  calls = [];
});

afterEach(() => {
  uppy?.destroy();
  document.body.replaceChildren();
});

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

test("an Uppy without type arguments takes the plugin", () => {
  const plain = new Uppy().use(GridBossUploader, { assets: standIn(), kind: "avatar" });
  expect(plain.getPlugin("GridBossUploader")).toBeInstanceOf(GridBossUploader);
  plain.destroy();
});

// The real Dashboard, without its style sheets.

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
