/** An export from the page that asks for it to the file on disk, and its events on the way. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, openHarness, settings, test } from "./support/test.js";

const REPORTS = join(import.meta.dirname, "../../tests/support/reports");

test("a report is asked for, followed, and downloaded", async ({ page, serverWith }) => {
  await openHarness(page, await serverWith("POST"));
  const job = await page.evaluate(
    () =>
      window.harness.follow({
        report: "standings",
        format: "csv",
        parameters: { sample: "meridian-cup" },
      }).done,
  );
  expect(job).toMatchObject({
    state: "done",
    objectKey: `exports/dev/${job.jobId}.csv`,
    expiresIn: 3600,
  });

  const download = page.waitForEvent("download");
  await page.evaluate((url) => location.assign(url), job.url as string);
  const file = await download;
  expect(file.suggestedFilename()).toBe(job.filename);
  const content = await readFile(await file.path());
  expect(content.length).toBe(job.contentLength);
  expect(content.toString()).toContain("Driver");
});

test("progress comes over one stream while the report is written", async ({ page, ownServer }) => {
  const server = await ownServer({
    env: settings("POST", { REPORT_MODULES: "gated_reports", PYTHONPATH: REPORTS }),
  });
  await openHarness(page, server);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.method() !== "OPTIONS") asked.push(request.url().replace(/[0-9a-f]{32}/, "ID"));
  });
  await page.evaluate(() => {
    const parameters = { gate: "gate", rows: 500 };
    window.harness.following = window.harness.follow({
      report: "gated",
      format: "json",
      parameters,
    });
  });
  await page.waitForFunction(() =>
    window.harness.following?.told.some(({ progress }) => progress.rows >= 1000),
  );
  const told = await page.evaluate(() => window.harness.following?.told.at(-1));
  expect(told).toMatchObject({ state: "running", progress: { total: 2500 } });

  await server.touch("gate");
  const job = await page.evaluate(() => window.harness.following?.done);
  expect(job).toMatchObject({ state: "done", progress: { rows: 2500, total: 2500 } });
  expect(asked).toEqual([`${server.url}/exports`, `${server.url}/exports/ID/events`]);
});

test("an export that is cancelled rejects for whoever follows it", async ({ page, ownServer }) => {
  const server = await ownServer({
    env: settings("POST", { REPORT_MODULES: "gated_reports", PYTHONPATH: REPORTS }),
  });
  await openHarness(page, server);
  const code = await page.evaluate(async () => {
    const { exports } = window.harness;
    const parameters = { gate: "gate", rows: 500 };
    const { jobId } = await exports.create({ report: "gated", format: "csv", parameters });
    const watching = exports.watch(jobId).catch(({ code }) => code);
    await exports.cancel(jobId);
    return watching;
  });
  expect(code).toBe("export_cancelled");
  await server.touch("gate");
});
