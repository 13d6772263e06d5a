/** Following a job to its end, over streams that break, stay silent, or can't be had. */
import { createExports, type ExportJob } from "@gridboss/assets/exports";
import { expect, vi } from "vitest";
import { drop, json, refused, text } from "../core/server.js";
import { failure, pass, stopTime, TOKEN, until } from "../core/support.js";
import {
  BEGIN,
  done,
  EVENTS,
  event,
  GET,
  ID,
  job,
  open,
  running,
  says,
  stream,
  test,
} from "./support.js";

/** Watch with the progress that is told, and whether it has ended. */
function watched(
  watch: (onProgress: (progress: ExportJob["progress"]) => void) => Promise<unknown>,
) {
  const told: number[] = [];
  const state = { told, ended: false };
  const result = watch(({ rows }) => told.push(rows));
  const end = () => {
    state.ended = true;
  };
  result.then(end, end);
  return Object.assign(state, { result });
}

test("one stream tells of everything", async ({ service, exports }) => {
  const live = open();
  service.answer(EVENTS, live.answer);
  const onProgress = vi.fn();
  const result = exports.watch(ID, { onProgress });
  const response = await live.response;
  response.write(event(job()));
  response.write(event(running(7, 9)));
  response.end(event(done));
  const { link, ...finished } = await result;
  expect(finished).toEqual(done);
  expect(link.objectKey).toBe(done.objectKey);
  expect(onProgress.mock.calls).toEqual([
    [{ rows: 0, total: null }, job()],
    [{ rows: 7, total: 9 }, running(7, 9)],
  ]);
  expect(service.received.map(({ url }) => url)).toEqual([`/exports/${ID}/events`]);
  expect(service.received[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
});

test("a job that failed rejects with its code and message", async ({ service, exports }) => {
  const error = { code: "export_too_large", message: "Narrow it down." } as const;
  service.answer(EVENTS, stream(BEGIN, event(job({ state: "failed", error }))));
  const failed = await failure(exports.watch(ID));
  expect(failed).toMatchObject({ ...error, retryable: false, status: undefined });
});

test("a job that was cancelled rejects with a code of its own", async ({ service, exports }) => {
  service.answer(EVENTS, stream(BEGIN, event(job({ state: "cancelled" }))));
  expect((await failure(exports.watch(ID))).code).toBe("export_cancelled");
});

test("what is said twice is told once", async ({ service, exports }) => {
  service.answer(EVENTS, stream(BEGIN, event(running(7)), event(running(7)), event(done)));
  const { told, result } = watched((onProgress) => exports.watch(ID, { onProgress }));
  await result;
  expect(told).toEqual([7]);
});

test("a stream that breaks is taken up again", async ({ service, exports }) => {
  stopTime();
  const live = open();
  service.answer(EVENTS, live.answer, stream(BEGIN, event(running(9)), event(done)));
  says(service, running(8));
  const watch = watched((onProgress) => exports.watch(ID, { onProgress }));
  const response = await live.response;
  response.write(event(running(7)));
  await until(() => watch.told.length > 0);
  response.destroy();
  await pass(() => watch.ended);
  await watch.result;
  expect(watch.told).toEqual([7, 8, 9]);
  expect(service.of(EVENTS)).toHaveLength(2);
});

test("a stream whose life is over is taken up again", async ({ service, exports }) => {
  stopTime();
  service.answer(
    EVENTS,
    stream(BEGIN, event(running(1))),
    stream(BEGIN, event(running(2))),
    stream(BEGIN, event(done)),
  );
  says(service, running(1), running(2));
  const watch = watched((onProgress) => exports.watch(ID, { onProgress }));
  await pass(() => watch.ended);
  await watch.result;
  expect(watch.told).toEqual([1, 2]);
});

test("an end that the stream did not tell is seen by asking", async ({ service, exports }) => {
  service.answer(EVENTS, drop);
  says(service, done);
  expect((await exports.watch(ID)).objectKey).toBe(done.objectKey);
});

test.for([
  [
    "refused because there are too many",
    refused(429, "too_many_requests", { "Retry-After": "15" }),
  ],
  ["refused because the service is busy", refused(503, "service_busy", { "Retry-After": "5" })],
  ["not known to an older service", refused(404, "not_found")],
  ["answered by something in between", text(200, "<html>", { "Content-Type": "text/html" })],
  ["no stream of ours", stream("data: hello\n\n")],
  ["broken each time", drop],
] as const)(
  "where streams are %s, the state is asked for",
  async ([, answer], { service, exports }) => {
    stopTime();
    service.answer(EVENTS, answer);
    says(service, job(), running(1), running(2), done);
    const watch = watched((onProgress) => exports.watch(ID, { onProgress }));
    await pass(() => watch.ended);
    await watch.result;
    expect(watch.told).toEqual([0, 1, 2]);
  },
);

test("where something holds streams back, no further one is opened", async ({
  service,
  exports,
}) => {
  stopTime();
  const live = open("");
  service.answer(EVENTS, (response, request) => {
    live.answer(response, request);
    response.flushHeaders();
  });
  says(service, running(1), running(2), done);
  const watch = watched((onProgress) => exports.watch(ID, { onProgress }));
  await pass(() => watch.ended);
  await watch.result;
  expect(service.of(EVENTS)).toHaveLength(1);
  expect(watch.told).toEqual([1, 2]);
});

test("a stream that falls silent is left, and another one opened", async ({ service, exports }) => {
  stopTime();
  const live = open(BEGIN + event(running(1)));
  service.answer(EVENTS, live.answer, stream(BEGIN, event(done)));
  says(service, running(1));
  const watch = watched((onProgress) => exports.watch(ID, { onProgress }));
  await live.response;
  await pass(() => watch.ended);
  await watch.result;
  expect(service.of(EVENTS)).toHaveLength(2);
  await (service.of(EVENTS)[0] as { left: Promise<void> }).left;
});

test("comments keep a stream", async ({ service, exports }) => {
  stopTime();
  const live = open(BEGIN + event(running(1)));
  service.answer(EVENTS, live.answer);
  const watch = watched((onProgress) => exports.watch(ID, { onProgress }));
  const response = await live.response;
  const since = Date.now();
  for (let seconds = 15; seconds <= 90; seconds += 15) {
    await pass(() => Date.now() - since >= seconds * 1000);
    response.write(": still here\n\n");
  }
  response.end(event(done));
  await watch.result;
  expect(service.of(EVENTS)).toHaveLength(1);
});

test("a stream is opened with a newer token where the first has expired", async ({
  service,
  client,
}) => {
  service.answer(EVENTS, refused(401, "unauthenticated"), stream(BEGIN, event(done)));
  let count = 0;
  const exports = createExports(client({ getToken: () => `token-${++count}` }));
  await exports.watch(ID);
  expect(service.of(EVENTS).map(({ headers }) => headers.authorization)).toEqual([
    "Bearer token-1",
    "Bearer token-2",
  ]);
});

test("a caller who is not signed in any more rejects", async ({ service, exports }) => {
  service.answer(EVENTS, refused(401, "unauthenticated"));
  service.answer(GET, refused(401, "unauthenticated"));
  expect((await failure(exports.watch(ID))).code).toBe("unauthenticated");
});

test("somebody else's job rejects", async ({ service, exports }) => {
  service.answer(EVENTS, refused(404, "job_not_found"));
  service.answer(GET, refused(404, "job_not_found"));
  expect((await failure(exports.watch(ID))).code).toBe("job_not_found");
});

test("a service that stays away rejects after its tries", async ({ service, client }) => {
  service.down = true;
  const error = await failure(createExports(client({ tries: 2 })).watch(ID));
  expect(error).toMatchObject({ code: "network", retryable: true });
});

test("a signal stops the watching at once, and not the job", async ({ service, exports }) => {
  const live = open(BEGIN + event(running(1)));
  service.answer(EVENTS, live.answer);
  const controller = new AbortController();
  const watch = watched((onProgress) =>
    exports.watch(ID, { onProgress, signal: controller.signal }),
  );
  await until(() => watch.told.length > 0);
  controller.abort();
  expect((await failure(watch.result)).code).toBe("aborted");
  await (service.of(EVENTS)[0] as { left: Promise<void> }).left;
  expect(service.received).toHaveLength(1);
});

test("a signal stops the wait between two questions", async ({ service, exports }) => {
  stopTime();
  service.answer(EVENTS, drop);
  says(service, running(1));
  const controller = new AbortController();
  const watch = watched((onProgress) =>
    exports.watch(ID, { onProgress, signal: controller.signal }),
  );
  await pass(() => watch.told.length > 0);
  controller.abort();
  expect((await failure(watch.result)).code).toBe("aborted");
});

test("a signal stops it while the page is asked for a token", async ({ service, client }) => {
  const controller = new AbortController();
  const exports = createExports(client({ getToken: () => new Promise<string>(() => {}) }));
  const watch = failure(exports.watch(ID, { signal: controller.signal }));
  controller.abort();
  expect((await watch).code).toBe("aborted");
  expect(service.received).toEqual([]);
});

test("a page that follows many jobs leaves connections for the rest", async ({
  service,
  exports,
}) => {
  stopTime();
  const streams = [open(), open(), open()];
  service.answer(EVENTS, ...streams.map(({ answer }) => answer));
  service.answer(GET, json(running(1)));
  const told = vi.fn();
  const jobs = Array.from({ length: 4 }, () => exports.watch(ID, { onProgress: told }));
  await pass(() => told.mock.calls.length > 0);
  expect(service.of(EVENTS)).toHaveLength(3);
  for (const { response } of streams) (await response).end(event(done));
  says(service, done);
  let ended = 0;
  for (const each of jobs) each.then(() => ended++);
  await pass(() => ended === 4);
});

test("what a callback throws is reported, and the job goes on", async ({ service, exports }) => {
  service.answer(EVENTS, stream(BEGIN, event(running(1)), event(done)));
  const report = vi.fn();
  vi.stubGlobal("reportError", report);
  const wrong = new Error("the page's own");
  await exports.watch(ID, {
    onProgress: () => {
      throw wrong;
    },
  });
  expect(report.mock.calls).toEqual([[wrong]]);
});
