/** Ask, read, list and cancel: what is sent, and what comes of it. */
import { createExports } from "@gridboss/assets/exports";
import { expect } from "vitest";
import { drop, json, refused } from "../core/server.js";
import { DOWNLOAD, failure, said, TOKEN } from "../core/support.js";
import { standIn } from "../react-standin.js";
import { CANCEL, CREATE, done, GET, ID, job, LIST, running, test } from "./support.js";

test("`create` sends report, format and parameters, and gives the job", async ({
  service,
  exports,
}) => {
  service.answer(CREATE, json(job(), 202));
  const parameters = { sample: "meridian-cup" };
  const created = await exports.create({ report: "standings", format: "csv", parameters });
  expect(created).toEqual(job());
  const [request] = service.of(CREATE);
  expect(said(request)).toEqual({ report: "standings", format: "csv", parameters });
  expect(request?.headers.authorization).toBe(`Bearer ${TOKEN}`);
});

test("without parameters an empty object is sent", async ({ service, exports }) => {
  service.answer(CREATE, json(job(), 202));
  await exports.create({ report: "standings", format: "pdf" });
  expect(said(service.of(CREATE)[0]).parameters).toEqual({});
});

test("a refusal rejects with the service's code", async ({ service, exports }) => {
  service.answer(CREATE, refused(400, "unsupported_report"));
  const error = await failure(exports.create({ report: "none", format: "csv" }));
  expect(error).toMatchObject({ code: "unsupported_report", status: 400, retryable: false });
});

test("`get` gives a job as it stands", async ({ service, exports }) => {
  service.answer(GET, json(running(7, 9)));
  expect((await exports.get(ID)).progress).toEqual({ rows: 7, total: 9 });
});

test("an answer that got lost is asked for again", async ({ service, exports }) => {
  service.answer(GET, drop, json(done));
  expect((await exports.get(ID)).state).toBe("done");
});

test("somebody else's job rejects", async ({ service, exports }) => {
  service.answer(GET, refused(404, "job_not_found"));
  expect((await failure(exports.get(ID))).code).toBe("job_not_found");
});

test("an ID never leaves its place in the address", async ({ service, exports }) => {
  await failure(exports.get("../uploads?x=1"));
  expect(service.received[0]?.url).toBe("/exports/..%2Fuploads%3Fx%3D1");
});

test("`cancel` gives the job as it then stands", async ({ service, exports }) => {
  service.answer(CANCEL, json(job({ state: "cancelled" })));
  expect((await exports.cancel(ID)).state).toBe("cancelled");
});

test("`list` asks for a page, and goes on from the last one", async ({ service, exports }) => {
  service.answer(LIST, json({ exports: [job()], before: ID, expiresIn: 0 }));
  const first = await exports.list();
  expect(first.exports).toEqual([job()]);
  await exports.list({ limit: 10, before: first.before });
  expect(service.of(LIST).map(({ url }) => url)).toEqual([
    "/exports",
    `/exports?limit=10&before=${ID}`,
  ]);
});

test("another answer than ours is no job", async ({ service, exports }) => {
  service.answer(GET, json({ hello: "world" }));
  expect((await failure(exports.get(ID))).code).toBe("unexpected_answer");
});

test("exports need a client that `createAssets` made", () => {
  expect(() => createExports(standIn().assets)).toThrow(TypeError);
});

test("the link of an export signs itself again", async ({ service, exports }) => {
  service.answer(GET, json(done));
  service.answer(DOWNLOAD, json({ url: "https://bucket.example/2", expiresIn: 1000 }));
  const { link, url } = await exports.watch(ID);
  expect(await link.url()).toBe(url);
  await link.refresh();
  expect(await link.url()).toBe("https://bucket.example/2");
  expect(said(service.of(DOWNLOAD)[0])).toEqual({ objectKey: done.objectKey });
});
