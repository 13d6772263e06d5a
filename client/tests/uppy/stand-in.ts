/** An Uppy with the plugin, and an `Assets` whose uploads a test ends. */
import {
  type Assets,
  AssetsError,
  type Kind,
  type UploadedAsset,
  type UploadOptions,
} from "@gridboss/assets";
import GridBossUploader, { type GridBossUploaderOptions } from "@gridboss/assets/uppy";
import Uppy, { type Body, type Meta, type UppyOptions } from "@uppy/core";
import { afterEach, beforeEach } from "vitest";

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
export interface Call {
  data: Blob;
  options: UploadOptions;
  succeed(): void;
  fail(error: Error): void;
}

export const refused = (message = "The picture is damaged.") =>
  new AssetsError("invalid_image", message, { status: 400 });

export let calls: Call[];
export let uppy: Uppy<Meta, UploadedAsset>;

/** An `Assets` whose uploads last until the test ends them. */
export function standIn(parts: Partial<Assets> = {}): Assets {
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
    downloadMany: never,
    permalink: (objectKey) => `/assets/${objectKey}`,
    remove: never,
    ...parts,
  };
}

type Plugin = GridBossUploader<Meta, UploadedAsset>;
export type Options = Partial<GridBossUploaderOptions<Meta, Body>>;

export function start(
  options: Options = {},
  uppyOptions: Partial<UppyOptions<Meta, UploadedAsset>> = {},
) {
  const silent = { debug() {}, warn() {}, error() {} };
  uppy = new Uppy<Meta, UploadedAsset>({ logger: silent, ...uppyOptions });
  uppy.use(GridBossUploader, { assets: standIn(), kind: "avatar", ...options });
}

export const plugin = () => uppy.getPlugin("GridBossUploader") as Plugin;
export const settled = () => new Promise((resolve) => setTimeout(resolve));
export const add = (name: string, size = 10, type = "image/png") =>
  uppy.addFile(new File([new Uint8Array(size)], name, { type }));

/** Add files and click Upload. */
export async function upload(...names: string[]) {
  const ids = names.map((name) => add(name));
  const result = uppy.upload();
  await settled();
  return { ids, id: ids[0] as string, result };
}

export const call = (index = 0) => calls[index] as Call;

beforeEach(() => {
  calls = [];
});

afterEach(() => {
  uppy?.destroy();
  document.body.replaceChildren();
});
