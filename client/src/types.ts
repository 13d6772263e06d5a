/** What goes in and comes out, as `docs/reference/openapi.json` says it. */
import type { AssetsError } from "./errors.js";
import type { DownloadLink } from "./link.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** The limits of one kind of asset, as the server declares them. Sizes are in bytes. */
export type Kind = Schemas["KindAnswer"];

/** The kinds of an unchanged server; an embedder may have others. */
export type KindName = "avatar" | "export" | (string & {});

/** A signed upload: how and where the file goes. */
export type SignedUpload = Schemas["SignAnswer"];

/** A sealed object. `url` is fresh; `link.url()` stays so. Store `objectKey` with your record. */
export type UploadedAsset = Schemas["CompleteAnswer"] & { readonly link: DownloadLink };

/** What `remove` answers. `cdnMayServeFor`: for how many seconds a CDN may go on serving it. */
export type RemovedAsset = Schemas["DeleteAnswer"];

/**
 * What an upload is doing. `waiting`: for the network, or for its next try. After it comes one of
 * the others again.
 */
export type UploadStep = "checking" | "signing" | "sending" | "completing" | "waiting";

/** How much of the file the bucket has been sent, in bytes. */
export interface UploadProgress {
  readonly loaded: number;
  readonly total: number;
}

export interface UploadOptions {
  /** Such as `avatar` or `export`. */
  kind: KindName;
  /** The name that a download gets; the file's own if it is left out. */
  filename?: string | undefined;
  /** Called with 0…1 while the file is sent; falls back when it has to be sent again. */
  onProgress?: ((fraction: number, progress: UploadProgress) => void) | undefined;
  /** Called when another step begins. */
  onStep?: ((step: UploadStep) => void) | undefined;
  /** Stops the upload at once; it then rejects with the code `aborted`. */
  signal?: AbortSignal | undefined;
}

export interface AssetsOptions {
  /** Where the service answers, such as `https://api.example.com` or `/assets`; `""`: this origin. */
  baseUrl: string;
  /**
   * The access token of the moment, asked for before every request. Leave it out where a cookie
   * signs in, or where the server runs without sign-in.
   */
  getToken?: (() => string | null | undefined | Promise<string | null | undefined>) | undefined;
  /** How often a step is tried before its error is final; 5 if it is left out. */
  tries?: number | undefined;
  /** How long to wait for the network or for the server's `Retry-After`, in ms; 2 minutes. */
  maxWait?: number | undefined;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
}

/** Whether a browser shows an object or saves it, whatever is stored. */
export type Disposition = "inline" | "attachment";

export interface DownloadOptions extends RequestOptions {
  /** Instead of what the object's kind says. */
  disposition?: Disposition | undefined;
  /** The name that a saved file gets, instead of the one it was uploaded with. */
  filename?: string | undefined;
}

/** Uploads, links and deletes. Every rejection is an `AssetsError`. */
export interface Assets {
  /** Send a file to the bucket, have it inspected and sealed. */
  upload(file: Blob, options: UploadOptions): Promise<UploadedAsset>;
  /**
   * A link to an object, which stays fresh. Whether the object exists is seen when it is opened.
   * Links that are asked for in the same turn, with the same options, share a request.
   */
  download(objectKey: string, options?: DownloadOptions): Promise<DownloadLink>;
  /**
   * Links to any number of objects, in the order of their keys: one request for 500 of them. In
   * place of a link that could not be had stands its error. Rejects only when `signal` aborts it.
   */
  downloadMany(
    objectKeys: readonly string[],
    options?: DownloadOptions,
  ): Promise<(DownloadLink | AssetsError)[]>;
  /**
   * The address that leads to an object for as long as it exists, `BASE_URL/assets/KEY`: safe to
   * store in content. Makes no request. An `<img>` there sends no token, so it shows what anybody
   * may read, where the service has a CDN or `PUBLIC_AVATARS`; otherwise a cookie has to sign in.
   * Throws an `AssetsError` for a key with empty, `.` or `..` segments.
   */
  permalink(objectKey: string): string;
  /** Delete an object. Deleting it again is fine. */
  remove(objectKey: string, options?: RequestOptions): Promise<RemovedAsset>;
  /** The kinds of this server and their limits, remembered for as long as the server allows. */
  kinds(options?: RequestOptions): Promise<Kind[]>;
  /** Refuse a file that `upload` would refuse before it sends anything; resolves if there is none. */
  check(file: Blob, options: Omit<UploadOptions, "onProgress">): Promise<void>;
}
