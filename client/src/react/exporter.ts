/** One export at a time as a store: it is followed for as long as somebody subscribes. */
import type { Assets, AssetsError } from "@gridboss/assets";
import {
  createExports,
  type ExportJob,
  type ExportProgress,
  type ExportRequest,
  type FinishedExport,
} from "@gridboss/assets/exports";
import { SnapshotStore } from "./snapshot-store.js";
import { tell } from "./telling.js";

export type ExportState = "idle" | "asking" | ExportJob["state"];

export interface ExportSnapshot {
  readonly state: ExportState;
  /** The job, once there is one; its `progress` as well. */
  readonly jobId: string | undefined;
  readonly progress: ExportProgress | undefined;
  /** Why the state is `failed`. */
  readonly error: AssetsError | undefined;
  /** What came out, when the state is `done`. */
  readonly result: FinishedExport | undefined;
}

export interface ExporterSettings {
  assets: Assets;
  onDone?: ((result: FinishedExport) => void) | undefined;
  onError?: ((error: AssetsError) => void) | undefined;
}

export const NO_EXPORT: ExportSnapshot = {
  state: "idle",
  jobId: undefined,
  progress: undefined,
  error: undefined,
  result: undefined,
};

export class Exporter extends SnapshotStore<ExportSnapshot> {
  settings: ExporterSettings | undefined;
  /** The export that counts; what any other one tells is too late. */
  #run: AbortController | undefined;
  #unwanted: AbortController | undefined;

  constructor() {
    super(NO_EXPORT);
  }

  readonly start = async (request: ExportRequest): Promise<FinishedExport | undefined> => {
    if (this.unmounted || !this.settings) return undefined;
    this.leave();
    const run = new AbortController();
    const { signal } = run;
    this.#run = run;
    this.set({ ...NO_EXPORT, state: "asking" });
    const show = ({ state, jobId, progress }: ExportJob) => {
      if (this.#run === run) this.set({ state, jobId, progress });
    };
    try {
      const exports = createExports(this.settings.assets);
      const job = await exports.create(request, { signal });
      if (this.#unwanted === run) await exports.cancel(job.jobId, { signal });
      show(job);
      const result = await exports.watch(job.jobId, {
        signal,
        onProgress: (_progress, job) => show(job),
      });
      if (this.#run !== run) return undefined;
      this.#run = undefined;
      show(result);
      this.set({ state: "done", progress: result.progress, result });
      tell(this.settings.onDone, result);
      return result;
    } catch (cause) {
      if (this.#run !== run) return undefined;
      this.#run = undefined;
      const error = cause as AssetsError; // `Exports` rejects with nothing else.
      if (error.code === "export_cancelled") {
        this.set({ state: "cancelled" });
        return undefined;
      }
      this.set({ state: "failed", error });
      tell(this.settings.onError, error);
      return undefined;
    }
  };

  /** Its end is told by what follows the job. Resolves to whether the service was told. */
  readonly cancel = async (): Promise<boolean> => {
    const run = this.#run;
    const { jobId } = this.getSnapshot();
    if (!run || !this.settings) return false;
    this.#unwanted = run; // where the service has not answered yet, once it has
    if (jobId === undefined) return true;
    return createExports(this.settings.assets)
      .cancel(jobId)
      .then(
        () => true,
        () => false,
      );
  };

  readonly reset = (): void => {
    this.leave();
    this.set(NO_EXPORT);
  };

  /** Follow the job no further. It goes on, and `exports.list()` has it. */
  protected leave(): void {
    const run = this.#run;
    this.#run = undefined;
    run?.abort();
  }
}
