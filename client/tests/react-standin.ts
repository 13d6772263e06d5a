/** An `Assets` whose answers the test gives, in the order of its choice. */
import {
  type Assets,
  AssetsError,
  DownloadLink,
  type ErrorCode,
  type ErrorDetails,
  type UploadedAsset,
  type UploadOptions,
} from "@gridboss/assets";
import { useAssetUrl } from "@gridboss/assets/react";
import { act, renderHook } from "@testing-library/react";
import { vi } from "vitest";

export const LIFE = 900; // seconds
export const DUE = LIFE * 900; // ms: a tenth of its life is left

export const file = (name = "driver.png") => new File(["x"], name, { type: "image/png" });

export const failure = (code: ErrorCode = "network", details: ErrorDetails = {}) =>
  new AssetsError(code, "It failed.", { retryable: true, ...details });

/** Counts its signatures in its URLs: `key#1` is the first. */
export function links(life = LIFE) {
  const counts = new Map<string, number>();
  const sign = vi.fn(async (key: string) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return { url: `${key}#${count}`, expiresIn: life };
  });
  const link = async (key: string) => {
    const since = Date.now();
    return new DownloadLink(key, await sign(key), since, () => sign(key));
  };
  return { sign, link };
}

export async function asset(objectKey = "avatar/1"): Promise<UploadedAsset> {
  const link = await links().link(objectKey);
  return { objectKey, url: await link.url(), expiresIn: LIFE, link } as UploadedAsset;
}

export interface Call {
  file: Blob;
  options: UploadOptions;
  resolve: (result: UploadedAsset) => void;
  reject: (error: unknown) => void;
}

export function standIn(life = LIFE) {
  const uploads: Call[] = [];
  const { sign, link } = links(life);
  const download = vi.fn<Assets["download"]>((key) => link(key));
  const assets: Assets = {
    upload: (file, options) =>
      new Promise((resolve, reject) => {
        uploads.push({ file, options, resolve, reject });
      }),
    download,
    downloadMany: (keys) => Promise.all(keys.map((key) => download(key))),
    permalink: (key) => `/assets/${key}`,
    remove: async (objectKey) => ({ objectKey, deleted: true, cdnMayServeFor: 0, expiresIn: 0 }),
    kinds: async () => [],
    check: async () => {},
  };
  const call = (index: number): Call => {
    const found = uploads[index];
    if (!found) throw new Error(`There is no upload ${index}.`);
    return found;
  };
  return { assets, uploads, call, download, sign };
}

/** Let everything happen that is due within so many ms. */
export const pass = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms));

/** `useAssetUrl` with a stand-in; `seen` has what every render showed under which source. */
export function mountUrl(source: string | DownloadLink | null = "avatar/1", life = LIFE) {
  const server = standIn(life);
  const seen: [unknown, string | undefined][] = [];
  const hook = renderHook(
    (source: string | DownloadLink | null) => {
      const answer = useAssetUrl(source, { assets: server.assets });
      seen.push([source, answer.url]);
      return answer;
    },
    { initialProps: source },
  );
  return { ...server, ...hook, seen };
}
