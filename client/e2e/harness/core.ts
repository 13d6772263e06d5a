/** What the tests drive: uploads of the chosen files, with all that the package reports. */
import { AssetsError, type UploadedAsset } from "@gridboss/assets";
import { createExports, type ExportJob, type ExportRequest } from "@gridboss/assets/exports";
import { assetsOfAddress } from "./options.js";

export type Outcome =
  | { asset: Omit<UploadedAsset, "link"> }
  | { error: Pick<AssetsError, "code" | "message" | "status" | "retryable"> };

export interface Run {
  steps: string[];
  /** The fractions that were reported, one list for each time that the file was sent. */
  sends: number[][];
  outcome: Promise<Outcome>;
  /** Resolves to how many ms it takes until the upload rejects. */
  abort(): Promise<number>;
}

const assets = assetsOfAddress();
const input = document.querySelector<HTMLInputElement>("#file");

function start(kind: string, index = 0): number {
  const file = input?.files?.[index];
  if (!file) throw new Error("no file was chosen");
  const controller = new AbortController();
  const steps: string[] = [];
  const sends: number[][] = [];
  const outcome = assets
    .upload(file, {
      kind,
      signal: controller.signal,
      onStep: (step) => {
        steps.push(step);
        if (step === "sending") sends.push([]);
      },
      onProgress: (fraction) => sends.at(-1)?.push(fraction),
    })
    .then(({ link: _, ...asset }) => ({ asset }), failed);
  async function abort(): Promise<number> {
    const since = performance.now();
    controller.abort();
    await outcome;
    return performance.now() - since;
  }
  return harness.runs.push({ steps, sends, outcome, abort }) - 1;
}

function failed(error: unknown): Outcome {
  if (!(error instanceof AssetsError)) throw error; // a promise that the package has broken
  const { code, message, status, retryable } = error;
  return { error: { code, message, status, retryable } };
}

const exports = createExports(assets);

/** Ask for an export and follow it: its jobs as they were told, and the last one. */
function follow(request: ExportRequest): Following {
  const told: ExportJob[] = [];
  const done = exports.create(request).then(async ({ jobId }) => {
    const { link: _, ...job } = await exports.watch(jobId, {
      onProgress: (_progress, job) => told.push(job),
    });
    return job;
  });
  return { told, done };
}

export interface Following {
  told: ExportJob[];
  done: Promise<ExportJob>;
}

const harness = {
  assets,
  exports,
  start,
  follow,
  runs: [] as Run[],
  following: undefined as Following | undefined,
};
window.harness = harness;

declare global {
  interface Window {
    harness: typeof harness;
  }
}
