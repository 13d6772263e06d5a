/** One upload at a time as a store: it lives as long as somebody subscribes. */
import type { Assets, AssetsError, KindName, UploadedAsset, UploadStep } from "@gridboss/assets";
import { SnapshotStore } from "./snapshot-store.js";
import { tell } from "./telling.js";

export type UploadState = "idle" | UploadStep | "done" | "failed" | "aborted";

export interface UploadSnapshot {
  /** 0…1; 1 only when the file is sent completely. Falls back when it has to be sent again. */
  readonly progress: number;
  readonly state: UploadState;
  /** Why the state is `failed`. */
  readonly error: AssetsError | undefined;
  /** What came out, when the state is `done`. */
  readonly result: UploadedAsset | undefined;
}

export interface UploaderSettings {
  assets: Assets;
  kind: KindName;
  filename?: string | undefined;
  onDone?: ((result: UploadedAsset) => void) | undefined;
  onError?: ((error: AssetsError) => void) | undefined;
}

export const IDLE: UploadSnapshot = {
  progress: 0,
  state: "idle",
  error: undefined,
  result: undefined,
};

export class Uploader extends SnapshotStore<UploadSnapshot> {
  settings: UploaderSettings | undefined;
  #file: Blob | undefined;
  /** The upload that counts; what any other one reports is too late. */
  #run: AbortController | undefined;

  constructor() {
    super(IDLE);
  }

  readonly upload = async (file: Blob): Promise<UploadedAsset | undefined> => {
    if (this.unmounted || !this.settings) return undefined;
    const run = new AbortController();
    const former = this.#run;
    this.#run = run;
    this.#file = file;
    former?.abort();
    this.set({ ...IDLE, state: "checking" });
    const { assets, kind, filename } = this.settings;
    try {
      const result = await assets.upload(file, {
        kind,
        filename,
        signal: run.signal,
        onStep: (state) => {
          if (this.#run === run) this.set({ state });
        },
        onProgress: (progress) => {
          if (this.#run === run) this.#setProgress(progress);
        },
      });
      if (this.#run !== run) return undefined;
      this.#run = undefined;
      this.set({ state: "done", progress: 1, result });
      tell(this.settings.onDone, result);
      return result;
    } catch (cause) {
      if (this.#run !== run) return undefined;
      this.#run = undefined;
      const error = cause as AssetsError; // `Assets` rejects with nothing else.
      this.set({ state: "failed", error });
      tell(this.settings.onError, error);
      return undefined;
    }
  };

  readonly abort = (): void => {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    run.abort();
    this.set({ state: "aborted" });
  };

  readonly retry = async (): Promise<UploadedAsset | undefined> =>
    this.#file && this.upload(this.#file);

  readonly reset = (): void => {
    const run = this.#run;
    this.#run = undefined;
    this.#file = undefined;
    run?.abort();
    this.set(IDLE);
  };

  protected leave(): void {
    this.abort();
  }

  /** A large file reports hundreds of times: a whole percent is what somebody can see. */
  #setProgress(progress: number): void {
    const percent = (fraction: number) => Math.floor(fraction * 100);
    if (percent(progress) !== percent(this.getSnapshot().progress)) this.set({ progress });
  }
}
