"use client";
/** `@gridboss/assets/react`: uploads, links and exports as hooks. */
import type { Assets, AssetsError, DownloadLink, KindName, UploadedAsset } from "@gridboss/assets";
import type { ExportRequest, FinishedExport } from "@gridboss/assets/exports";
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useInsertionEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { Exporter, type ExportSnapshot, NO_EXPORT } from "./react/exporter.js";
import { NO_URL, type UrlSnapshot, urlStore } from "./react/live-url.js";
import { IDLE, Uploader, type UploadSnapshot } from "./react/uploader.js";

export type { ExportState } from "./react/exporter.js";
export type { UploadState } from "./react/uploader.js";

const AssetsContext = createContext<Assets | undefined>(undefined);

export interface AssetsProviderProps {
  /** From `createAssets`. Make it once, outside of components: all that is shared hangs on it. */
  assets: Assets;
  children?: ReactNode;
}

/** Hands one `Assets` to every hook below it. */
export function AssetsProvider({ assets, children }: AssetsProviderProps): ReactElement {
  return <AssetsContext.Provider value={assets}>{children}</AssetsContext.Provider>;
}

function required(assets: Assets | undefined): Assets {
  if (assets) return assets;
  throw new Error(
    "No Assets here. Wrap the page in <AssetsProvider assets={createAssets({ … })}>, " +
      "or give this hook `assets` in its options.",
  );
}

/** The `Assets` of the nearest `<AssetsProvider>`. Throws an `Error` when there is none. */
export function useAssets(): Assets {
  return required(useContext(AssetsContext));
}

export interface UseUploadOptions {
  /** Instead of the provider's. */
  assets?: Assets | undefined;
  /** The name that a download gets; the file's own if it is left out. */
  filename?: string | undefined;
  /** Called once the object is sealed. */
  onDone?: ((result: UploadedAsset) => void) | undefined;
  /** Called when an upload fails; not when it is aborted. */
  onError?: ((error: AssetsError) => void) | undefined;
}

export interface UseUpload extends UploadSnapshot {
  /**
   * Upload a file, and abort the upload before it. Never rejects: resolves to `undefined` when the
   * upload fails (see `error`) or is aborted.
   */
  upload: (file: Blob) => Promise<UploadedAsset | undefined>;
  /** Stop the upload; the state becomes `aborted`. Does nothing when none runs. */
  abort: () => void;
  /** Upload the last file again, from the start. Resolves to `undefined` when there was none. */
  retry: () => Promise<UploadedAsset | undefined>;
  /** Back to `idle`: abort, and forget file, error and result. */
  reset: () => void;
}

/**
 * One upload at a time, of a kind such as `"avatar"`.
 *
 * Gives `state` (`"idle"`, a step such as `"sending"`, `"done"`, `"failed"` or `"aborted"`),
 * `progress` (0…1), `error` and `result`, and the functions `upload`, `abort`, `retry` and `reset`,
 * which stay the same in every render. Unmounting aborts. Throws an `Error` when there is neither a
 * provider nor `options.assets`.
 */
export function useUpload(kind: KindName, options: UseUploadOptions = {}): UseUpload {
  const provided = useContext(AssetsContext);
  const assets = required(options.assets ?? provided);
  const [uploader] = useState(() => new Uploader());
  // Earlier than any other effect, so that each of them may upload.
  useInsertionEffect(() => {
    uploader.settings = { ...options, assets, kind };
  });
  const snapshot = useSyncExternalStore(uploader.subscribe, uploader.getSnapshot, () => IDLE);
  const { upload, abort, retry, reset } = uploader;
  return { ...snapshot, upload, abort, retry, reset };
}

export interface UseAssetUrlOptions {
  /** Instead of the provider's. */
  assets?: Assets | undefined;
}

export interface UseAssetUrl extends UrlSnapshot {
  /**
   * Sign again now, as when something refused the URL. From an `onError`, call it only so many
   * times: of an object that is gone, no URL ever works.
   */
  refresh: () => void;
}

/**
 * A URL of an object, kept fresh for as long as the component is mounted.
 *
 * `source` is an object key, or a link such as `result.link`, which is used without a request until
 * it has to be refreshed; nothing gives nothing. Components that show the same key share one link.
 * The URL is refreshed when a tenth of its life is left. When that fails with a retryable error, it
 * is tried again after 5 s, then after longer pauses of up to a minute, and when the browser is
 * online again. `url` is the latest URL, also meanwhile, and works until `expiresAt` (in ms, as
 * `Date.now()` has them); `error` is set once it no longer works, or when no try follows. Throws an
 * `Error` for a key with neither a provider nor `options.assets`.
 */
export function useAssetUrl(
  source: string | DownloadLink | null | undefined,
  options: UseAssetUrlOptions = {},
): UseAssetUrl {
  const provided = useContext(AssetsContext);
  const assets = options.assets ?? provided;
  if (typeof source === "string") required(assets);
  const store = useMemo(() => urlStore(source, assets), [source, assets]);
  const snapshot = useSyncExternalStore(store.subscribe, store.getSnapshot, () => NO_URL);
  return { ...snapshot, refresh: store.refresh };
}

export interface UseExportOptions {
  /** Instead of the provider's. */
  assets?: Assets | undefined;
  /** Called once the file stands in the bucket. */
  onDone?: ((result: FinishedExport) => void) | undefined;
  /** Called when an export fails; not when it is cancelled. */
  onError?: ((error: AssetsError) => void) | undefined;
}

export interface UseExport extends ExportSnapshot {
  /**
   * Ask for an export and follow it instead of the one before. Never rejects: resolves to
   * `undefined` when it fails (see `error`), is cancelled, or is followed no further.
   */
  start: (request: ExportRequest) => Promise<FinishedExport | undefined>;
  /** Cancel the job; the state becomes `cancelled` once it is. Resolves to whether it was told. */
  cancel: () => Promise<boolean>;
  /** Back to `idle`. A job goes on, unfollowed. */
  reset: () => void;
}

/**
 * One export at a time.
 *
 * Gives `state` (`"idle"`, `"asking"`, or the job's), `jobId`, `progress`, `error` and `result`, and
 * the functions `start`, `cancel` and `reset`, which stay the same in every render. Unmounting stops
 * the watching, and not the job. Throws an `Error` when there is neither a provider nor
 * `options.assets`.
 */
export function useExport(options: UseExportOptions = {}): UseExport {
  const provided = useContext(AssetsContext);
  const assets = required(options.assets ?? provided);
  const [exporter] = useState(() => new Exporter());
  useInsertionEffect(() => {
    exporter.settings = { ...options, assets };
  });
  const snapshot = useSyncExternalStore(exporter.subscribe, exporter.getSnapshot, () => NO_EXPORT);
  const { start, cancel, reset } = exporter;
  return { ...snapshot, start, cancel, reset };
}
