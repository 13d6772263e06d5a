/** A service with one export job, and answers that are streams of its events. */

import type { ServerResponse } from "node:http";
import { createExports, type ExportJob, type Exports } from "@gridboss/assets/exports";
import { type Answer, json, type Loopback } from "../core/server.js";
import { test as base } from "../core/support.js";

export const ID = "0123456789abcdef0123456789abcdef";
export const CREATE = "POST /exports";
export const LIST = "GET /exports";
export const GET = `GET /exports/${ID}`;
export const CANCEL = `DELETE /exports/${ID}`;
export const EVENTS = `GET /exports/${ID}/events`;

export const job = (changes: Partial<ExportJob> = {}): ExportJob => ({
  jobId: ID,
  state: "queued",
  report: "standings",
  format: "csv",
  createdAt: "2026-01-02T03:04:05Z",
  endedAt: null,
  progress: { rows: 0, total: null },
  error: null,
  objectKey: null,
  filename: null,
  contentLength: null,
  url: null,
  expiresIn: 0,
  ...changes,
});

export const running = (rows: number, total: number | null = null) =>
  job({ state: "running", progress: { rows, total } });

export const done = job({
  state: "done",
  objectKey: `exports/driver-7/${ID}.csv`,
  filename: "Standings.csv",
  contentLength: 7,
  url: "https://bucket.example/1",
  expiresIn: 1000,
});

export const event = (told: ExportJob): string => {
  const ended = told.state !== "queued" && told.state !== "running";
  return `id: ${told.state}\nevent: ${ended ? told.state : "progress"}\ndata: ${JSON.stringify(told)}\n\n`;
};

export const BEGIN = "retry: 1000\n\n";

const HEADERS = { "Content-Type": "text/event-stream; charset=utf-8" };

/** A stream of these chunks, which then ends. */
export const stream =
  (...chunks: (string | Uint8Array)[]): Answer =>
  (response) => {
    response.writeHead(200, HEADERS);
    for (const chunk of chunks) response.write(chunk);
    response.end();
  };

/** A stream that a test goes on with. */
export function open(begin = BEGIN): { answer: Answer; response: Promise<ServerResponse> } {
  let found: (response: ServerResponse) => void = () => {};
  const response = new Promise<ServerResponse>((resolve) => {
    found = resolve;
  });
  const answer: Answer = (to) => {
    to.writeHead(200, HEADERS);
    to.write(begin);
    found(to);
  };
  return { answer, response };
}

/** What the service says of the job when it is asked, in turn; the last one stays. */
export const says = (service: Loopback, ...jobs: ExportJob[]) =>
  service.answer(GET, ...jobs.map((each) => json(each)));

export const test = base.extend<{ exports: Exports }>({
  exports: async ({ client }, use) => use(createExports(client())),
});
