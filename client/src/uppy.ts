/** `@gridboss/assets/uppy`: uploads for Uppy, which keeps its interface, editors and languages. */
import type { Assets, Kind, KindName, UploadedAsset } from "@gridboss/assets";
import { AssetsError } from "@gridboss/assets";
import type {
  Body,
  DefinePluginOpts,
  Meta,
  PluginOpts,
  Restrictions,
  State,
  Uppy,
  UppyFile,
} from "@uppy/core";
import { BasePlugin } from "@uppy/core";
import { filterFilesToEmitUploadStarted, filterFilesToUpload, TaskQueue } from "@uppy/core/utils";

declare module "@uppy/core" {
  export interface PluginTypeRegistry<M extends Meta, B extends Body> {
    GridBossUploader: GridBossUploader<M, B>;
  }
}

export interface GridBossUploaderOptions<M extends Meta, B extends Body> extends PluginOpts {
  /** From `createAssets()`. */
  assets: Assets;
  /** Such as `avatar`, or what chooses it for each file. */
  kind: KindName | ((file: UppyFile<M, B>) => KindName);
  /** How many files are sent at once; 3 if it is left out. */
  limit?: number | undefined;
  /**
   * Which of the kind's limits, as the server declares them, Uppy applies when a file is added:
   * `all`, or only its `types`, so that a picture may be too large until it has been edited. What
   * Uppy was told by its own `restrictions` stays. Needs a `kind` that is a name.
   */
  restrictions?: "all" | "types" | "none" | undefined;
}

type Opts<M extends Meta, B extends Body> = DefinePluginOpts<
  GridBossUploaderOptions<M, B>,
  "limit" | "restrictions"
>;

/** Said in another language by the option `locale: { strings: { … } }`, as in all of Uppy. */
const strings = {
  checkingFile: "Checking the file…",
  waitingToGoOn:
    "The connection is interrupted or the service is busy. The upload goes on by itself.",
  remoteFile: "Files of other services can't be uploaded from here. Save it to your device first.",
  missingFile: "This file is no longer at hand. Remove it and choose it again.",
};

/**
 * Sends the files of an Uppy instance to the bucket and has them sealed. The `UploadedAsset` is the
 * `response.body` of each file: `new Uppy<Meta, UploadedAsset>()` gives it its type.
 */
export class GridBossUploader<M extends Meta, B extends Body> extends BasePlugin<Opts<M, B>, M, B> {
  readonly #queue: TaskQueue;
  readonly #running = new Map<string, AbortController>();
  #capabilities: Partial<State<M, B>["capabilities"]> = {};
  #reading: AbortController | undefined;
  #declared: Partial<Restrictions> = {};

  constructor(uppy: Uppy<M, B>, opts: GridBossUploaderOptions<M, B>) {
    if (!opts?.assets || !opts.kind) {
      throw new TypeError("GridBossUploader needs `assets`, from createAssets(), and a `kind`.");
    }
    super(uppy, { ...opts, limit: opts.limit ?? 3, restrictions: opts.restrictions ?? "all" });
    this.type = "uploader";
    this.id = opts.id ?? "GridBossUploader";
    this.defaultLocale = { strings };
    this.i18nInit();
    this.#queue = new TaskQueue({ concurrency: this.opts.limit ?? 3 });
  }

  override install(): void {
    const { capabilities } = this.uppy.getState();
    const { individualCancellation, resumableUploads } = capabilities;
    this.#capabilities = { individualCancellation, resumableUploads };
    this.#setCapabilities({ individualCancellation: true, resumableUploads: false });
    this.uppy.addUploader(this.#upload);
    this.uppy.on("file-removed", this.#onRemoved);
    void this.#restrict();
  }

  override uninstall(): void {
    this.uppy.removeUploader(this.#upload);
    this.uppy.off("file-removed", this.#onRemoved);
    for (const controller of this.#running.values()) controller.abort();
    this.#unrestrict();
    this.#setCapabilities(this.#capabilities);
  }

  /** Change options. Another `kind` brings its own restrictions. */
  override setOptions(changed: Partial<Opts<M, B>>): void {
    // Uppy hands its own options to every plugin when its language changes, and among them are
    // other `restrictions`.
    const { restrictions } = changed;
    const own = typeof restrictions === "string" ? restrictions : this.opts.restrictions;
    super.setOptions({ ...changed, restrictions: own });
    this.#queue.concurrency = this.opts.limit ?? 3;
    if (changed.kind || changed.assets || own === restrictions) {
      this.#unrestrict();
      void this.#restrict();
    }
  }

  #setCapabilities(changed: Partial<State<M, B>["capabilities"]>): void {
    const { capabilities } = this.uppy.getState();
    this.uppy.setState({ capabilities: { ...capabilities, ...changed } });
  }

  async #restrict(): Promise<void> {
    const { assets, kind, restrictions } = this.opts;
    if (typeof kind === "function" || restrictions === "none") return;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    try {
      const found = (await assets.kinds({ signal })).find(({ name }) => name === kind);
      if (!found || signal.aborted) return;
      const given = this.uppy.opts.restrictions;
      if (!given.allowedFileTypes) this.#declared.allowedFileTypes = allowedFileTypes(found);
      if (!given.maxFileSize && restrictions === "all") this.#declared.maxFileSize = found.maxSize;
      this.uppy.setOptions({ restrictions: this.#declared });
    } catch (error) {
      // Every upload asks for the kinds again, and says then what is wrong.
      this.uppy.log(error, "warning");
    }
  }

  #unrestrict(): void {
    this.#reading?.abort();
    const now: Partial<Restrictions> = this.uppy.opts.restrictions;
    const ours = Object.entries(this.#declared).filter(
      ([name, value]) => value === now[name as keyof Restrictions],
    );
    this.uppy.setOptions({ restrictions: Object.fromEntries(ours.map(([name]) => [name, null])) });
    this.#declared = {};
  }

  /** Also what `cancelAll()` comes to: it removes every file. */
  #onRemoved = (file: UppyFile<M, B>): void => {
    this.#running.get(file.id)?.abort();
    this.#running.delete(file.id);
    // Uppy goes on to tell of a failure, instead of offering to upload, when only other files are
    // left than those that failed.
    if (file.error && !this.uppy.getFiles().some(({ error }) => error)) {
      this.uppy.setState({ error: null });
    }
  };

  #upload = async (ids: string[]): Promise<void> => {
    const files = filterFilesToUpload(this.uppy.getFilesByIds(ids).filter(Boolean));
    const ends = await Promise.allSettled(files.map((file) => this.#uploadFile(file)));
    // Only a listener of the page can have thrown, and that must not stop other files.
    for (const end of ends) if (end.status === "rejected") this.uppy.log(end.reason, "error");
  };

  async #uploadFile({ id }: UppyFile<M, B>): Promise<void> {
    const { assets, kind } = this.opts;
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(id, controller);
    /** The file as it is now, unless the upload was stopped: a new file may have the same id. */
    const current = (): UppyFile<M, B> | undefined => {
      const file: UppyFile<M, B> | undefined = this.uppy.getFile(id);
      if (!file) controller.abort();
      return signal.aborted ? undefined : file;
    };
    const progress = (loaded: number, total: number): void => {
      const file = current();
      if (!file) return;
      this.uppy.emit("upload-progress", file, {
        uploadStarted: file.progress.uploadStarted ?? Date.now(),
        // Uppy takes 100 % for the end, and no longer sees when a file is sent again.
        bytesUploaded: Math.min(loaded, Math.floor(total * 0.99)),
        bytesTotal: total,
      });
    };
    let asset: UploadedAsset;
    try {
      const file = this.uppy.getFile(id);
      const data = this.#data(file);
      const options = {
        kind: typeof kind === "function" ? kind(file) : kind,
        filename: file.meta.name || file.name,
        signal,
      };
      // Before `upload-start`, after which the Dashboard would no longer let a picture be edited.
      const message = this.i18n("checkingFile");
      this.uppy.emit("preprocess-progress", file, { mode: "indeterminate", message });
      await assets.check(data, options);
      const checked = current();
      if (!checked) return;
      this.uppy.emit("preprocess-complete", checked);
      this.uppy.emit("upload-start", filterFilesToEmitUploadStarted([checked]));
      // The Dashboard draws a file's Cancel and Retry from the first progress on.
      progress(0, data.size);
      const sent = this.#queue.add(() =>
        assets.upload(data, {
          ...options,
          onProgress: (_, { loaded, total }) => progress(loaded, total),
          onStep: (step) => {
            const file = current();
            if (file && step === "waiting") {
              this.uppy.emit("upload-stalled", new Error(this.i18n("waitingToGoOn")), [file]);
            }
          },
        }),
      );
      signal.addEventListener("abort", () => sent.abort());
      asset = await sent;
    } catch (thrown) {
      const file = current();
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const { status } = error as Partial<AssetsError>;
      if (!file) return;
      if (file.progress.preprocess) this.uppy.emit("preprocess-complete", file);
      this.uppy.emit("upload-error", this.uppy.getFile(id), error, status ? { status } : undefined);
      return;
    } finally {
      if (this.#running.get(id) === controller) this.#running.delete(id);
    }
    const file = current();
    if (!file) return;
    const body = asset as unknown as B;
    this.uppy.emit("upload-success", file, { status: 200, body, uploadURL: asset.url });
  }

  /** What is sent: the blob as it was edited, in the format that the editor wrote. */
  #data(file: UppyFile<M, B>): Blob {
    if (file.isRemote) throw new AssetsError("unreadable_file", this.i18n("remoteFile"));
    const { data, type } = file;
    if (!data) throw new AssetsError("unreadable_file", this.i18n("missingFile"));
    // Uppy says octet-stream where it knows no type.
    if (data.type || type === "application/octet-stream") return data;
    return data.slice(0, data.size, type);
  }
}

/** Endings stand first: Uppy lists them all to the person whose file it refuses. */
const allowedFileTypes = ({ contentTypes }: Kind): string[] => [
  ...new Set([...Object.values(contentTypes).flat(), ...Object.keys(contentTypes)]),
];

export default GridBossUploader;
