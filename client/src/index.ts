/** `@gridboss/assets`: uploads straight to the bucket, and links that stay fresh. */
export { createAssets } from "./assets.js";
export type { ClientErrorCode, ErrorCode, ErrorDetails, ServerErrorCode } from "./errors.js";
export { AssetsError } from "./errors.js";
/** @internal */
export * from "./internal.js";
export { DownloadLink } from "./link.js";
export type {
  Assets,
  AssetsOptions,
  Disposition,
  DownloadOptions,
  Kind,
  KindName,
  RemovedAsset,
  RequestOptions,
  UploadedAsset,
  UploadOptions,
  UploadProgress,
  UploadStep,
} from "./types.js";
