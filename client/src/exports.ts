/** `@gridboss/assets/exports`: ask for an export, follow its job, and get the file. */
import {
  type Assets,
  AssetsError,
  apiOf,
  type DownloadLink,
  pause,
  type RequestOptions,
  safely,
} from "@gridboss/assets";
import { events } from "./events.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** One export job, as the service tells it. Its link is there when it is `done`. */
export type ExportJob = Schemas["ExportAnswer"];

/** How many rows are written, and how many there will be where somebody knows. */
export type ExportProgress = Schemas["ExportProgress"];

/** What to write. `parameters` are what the report is about, as the report wants it. */
export interface ExportRequest {
  report: string;
  format: ExportJob["format"];
  parameters?: Record<string, unknown> | undefined;
}

/** A job that is done. `url` is fresh; `link.url()` stays so. Store `objectKey` with your record. */
export type FinishedExport = ExportJob & {
  readonly state: "done";
  readonly objectKey: string;
  readonly url: string;
  readonly link: DownloadLink;
};

export interface WatchOptions extends RequestOptions {
  /** Called with what is new of a job that has not ended. */
  onProgress?: ((progress: ExportProgress, job: ExportJob) => void) | undefined;
}

export interface ListOptions extends RequestOptions {
  /** How many at most; 50 if it is left out. */
  limit?: number | undefined;
  /** Those older than this: the `before` of the last page. */
  before?: string | null | undefined;
}

/** Export jobs. Every rejection is an `AssetsError`. */
export interface Exports {
  /** Ask for an export; resolves to its job when a worker will write it. */
  create(request: ExportRequest, options?: RequestOptions): Promise<ExportJob>;
  /** A job as it stands. */
  get(jobId: string, options?: RequestOptions): Promise<ExportJob>;
  /** The caller's own jobs, newest first and without links. `before` is null at the end. */
  list(options?: ListOptions): Promise<{ exports: ExportJob[]; before: string | null }>;
  /** Cancel a job, and get it as it then stands: one that has ended stays as it is. */
  cancel(jobId: string, options?: RequestOptions): Promise<ExportJob>;
  /**
   * Follow a job to its end. Rejects with the code that it failed with, or with `export_cancelled`.
   * `signal` stops the watching, which then rejects with `aborted`, and not the job.
   */
  watch(jobId: string, options?: WatchOptions): Promise<FinishedExport>;
}

/**
 * Streams that one page keeps open. By HTTP/1.1 a browser has six connections to one origin; who
 * follows more jobs asks for their state.
 */
const MOST_STREAMS = 3;
/** The service says something every 15 s. */
const SILENCE_MS = 45_000;
/** And at once when a stream begins, unless something in between holds it back. */
const BEGIN_MS = 10_000;
const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;

const known = new WeakMap<Assets, Exports>();

/** The exports of the service that `assets` is the client of: the same ones each time. */
export function createExports(assets: Assets): Exports {
  const made = known.get(assets) ?? make(apiOf(assets));
  known.set(assets, made);
  return made;
}

function make(api: ReturnType<typeof apiOf>): Exports {
  let streams = 0;

  const path = (jobId: string) => `/exports/${encodeURIComponent(jobId)}`;
  const one = (method: string, jobId: string, { signal }: RequestOptions = {}) =>
    api.request<ExportJob>(method, path(jobId), { signal, needs: ["state"] });

  /**
   * Tell what a stream says until it ends, breaks or stays silent. Resolves to the last job that it
   * told of; `null` where something in between makes streams useless.
   */
  async function follow(
    jobId: string,
    tell: (job: ExportJob) => void,
    signal: AbortSignal | undefined,
  ): Promise<ExportJob | null | undefined> {
    const life = new AbortController();
    const stop = AbortSignal.any(signal ? [life.signal, signal] : [life.signal]);
    let timer = setTimeout(() => life.abort(), SILENCE_MS);
    const silentAfter = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => life.abort(), ms);
    };
    let opened = false;
    let heard = false;
    let last: ExportJob | undefined;
    streams += 1;
    try {
      const answer = await api.stream(`${path(jobId)}/events`, stop);
      opened = true;
      silentAfter(BEGIN_MS);
      if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return null;
      const hear = () => {
        heard = true;
        silentAfter(SILENCE_MS);
      };
      for await (const event of events(answer, hear)) {
        const job = jobOf(event.data);
        if (!job) return null;
        last = job;
        if (hasEnded(job)) break;
        tell(job);
      }
    } catch {
      // Why it broke is told by the next request, which has patience.
      if (opened && !heard && life.signal.aborted) return null;
    } finally {
      streams -= 1;
      clearTimeout(timer);
      life.abort();
    }
    return last;
  }

  async function ended(
    jobId: string,
    tell: (job: ExportJob) => void,
    signal: AbortSignal | undefined,
  ): Promise<ExportJob> {
    let wait = SHORTEST_PAUSE;
    let useful = true;
    for (;;) {
      const streamed =
        useful && streams < MOST_STREAMS ? await follow(jobId, tell, signal) : undefined;
      if (streamed && hasEnded(streamed)) return streamed;
      if (streamed === null) useful = false;
      const job = await one("GET", jobId, { signal });
      if (hasEnded(job)) return job;
      tell(job);
      wait = streamed ? SHORTEST_PAUSE : Math.min(wait * 2, LONGEST_PAUSE);
      await pause(wait * (0.5 + Math.random() / 2), signal);
    }
  }

  return {
    create({ report, format, parameters = {} }, { signal } = {}) {
      const body = { report, format, parameters };
      return api.request("POST", "/exports", { body, signal, needs: ["jobId", "state"] });
    },
    get: (jobId, options) => one("GET", jobId, options),
    cancel: (jobId, options) => one("DELETE", jobId, options),
    list({ limit, before, signal } = {}) {
      const query = new URLSearchParams({
        ...(limit !== undefined && { limit: String(limit) }),
        ...(before && { before }),
      });
      const where = query.size > 0 ? `/exports?${query}` : "/exports";
      return api.request("GET", where, { signal, needs: ["exports"] });
    },
    async watch(jobId, { onProgress, signal } = {}) {
      const tell = safely(onProgress);
      let told = "";
      const job = await ended(
        jobId,
        (job) => {
          const news = JSON.stringify([job.state, job.progress]);
          if (news !== told) tell(job.progress, job);
          told = news;
        },
        signal,
      );
      const since = Date.now();
      const { objectKey, url, expiresIn, error } = job;
      if (job.state === "done" && objectKey !== null && url !== null) {
        const link = api.link(objectKey, { url, expiresIn }, since);
        return { ...job, state: "done", objectKey, url, link };
      }
      throw error
        ? new AssetsError(error.code, error.message)
        : new AssetsError("export_cancelled", "The export was cancelled.");
    },
  };
}

const hasEnded = ({ state }: ExportJob): boolean => state !== "queued" && state !== "running";

function jobOf(data: string): ExportJob | undefined {
  try {
    const job: ExportJob = JSON.parse(data);
    return job.jobId && job.state ? job : undefined;
  } catch {
    return undefined;
  }
}
