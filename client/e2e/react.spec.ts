/** The hooks in a real application: states on the screen, and pictures that stay. */
import type { Page } from "@playwright/test";
import { photo, textAs } from "./support/files.js";
import { expect, openHarness, test } from "./support/test.js";

const choose = (page: Page, path: string) => page.getByLabel("File").setInputFiles(path);
const state = (page: Page) => page.getByRole("status");
const press = (page: Page, name: "Abort" | "Retry") => page.getByRole("button", { name }).click();

test("an upload shows its steps, its progress, and then the picture", async ({
  page,
  network,
  serverWith,
}) => {
  await openHarness(page, await serverWith("POST"), { name: "react" });
  await expect(state(page)).toHaveText("idle");
  await network.slow(200_000);
  await choose(page, photo());
  await expect(state(page)).toHaveText("done");

  const shown = await page.evaluate(() => window.shown);
  const states = shown.map((each) => each.state);
  const steps = states.filter((each, index) => each !== states[index - 1]);
  expect(steps).toEqual(["idle", "checking", "signing", "sending", "completing", "done"]);
  const parts = shown.filter(({ progress }) => progress > 0 && progress < 1);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.every((part) => part.state === "sending")).toBe(true);
  await expect.poll(() => width(page, "Uploaded")).toBeGreaterThan(0);
});

test("a file that is refused shows why, and another one takes its place", async ({
  page,
  serverWith,
}, info) => {
  await openHarness(page, await serverWith("POST"), { name: "react" });
  await choose(page, textAs(info, "me.png"));
  await expect(state(page)).toHaveText("failed");
  await expect(page.getByRole("alert")).toHaveText(/picture/);

  await choose(page, photo());
  await expect(state(page)).toHaveText("done");
  await expect(page.getByRole("alert")).toBeHidden();
});

test("an upload that was aborted, and one that failed, can be tried again", async ({
  page,
  network,
  serverWith,
  proxyBefore,
}) => {
  const api = await proxyBefore((await serverWith("POST")).url);
  await openHarness(page, api, { name: "react", tries: 1 });
  await network.slow(20_000);
  await choose(page, photo());
  await page.waitForFunction(() => window.shown.some(({ progress }) => progress > 0));
  await press(page, "Abort");
  await expect(state(page)).toHaveText("aborted");

  api.goDown();
  await network.fast();
  await press(page, "Retry");
  await expect(state(page)).toHaveText("failed");
  await expect(page.getByRole("alert")).toHaveText(/connection to .* failed/);

  api.comeBack();
  await press(page, "Retry");
  await expect(state(page)).toHaveText("done");
});

test("two pictures of one key share each request, and are refreshed before their link expires", async ({
  page,
  harness,
  serverWith,
}) => {
  const server = await serverWith("POST", { S3_PRESIGN_TTL: "3" });
  await openHarness(page, server);
  const { objectKey } = await (await harness.upload("avatar", photo())).asset();
  const asked: number[] = [];
  page.on("requestfinished", (request) => {
    if (request.url().endsWith("/uploads/download")) asked.push(request.timing().startTime);
  });
  await openHarness(page, server, { name: "react", query: { key: objectKey } });
  await expect.poll(() => width(page, "First")).toBeGreaterThan(0);
  const first = await page.getByAltText("First").getAttribute("src");
  expect(asked).toHaveLength(1);

  await expect(page.getByAltText("First")).not.toHaveAttribute("src", first ?? "");
  const [at = 0, again = 0, ...more] = asked;
  expect(more).toEqual([]);
  expect(again - at).toBeLessThan(3000);
  const second = await page.getByAltText("First").getAttribute("src");
  await expect(page.getByAltText("Second")).toHaveAttribute("src", second ?? "");
  await expect.poll(() => width(page, "Second")).toBeGreaterThan(0);
});

test("fifty pictures make one request for their links, and all of them show", async ({
  page,
  harness,
  serverWith,
}) => {
  const server = await serverWith("POST");
  await openHarness(page, server);
  const { objectKey } = await (await harness.upload("avatar", photo())).asset();
  const keys = Array.from({ length: 50 }, (_, index) =>
    objectKey.replace(/[0-9a-f]{32}/, index.toString(16).padStart(32, "0")),
  );
  await server.copyObject(objectKey, keys);
  const asked: unknown[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/uploads/download")) asked.push(request.postDataJSON());
  });
  await openHarness(page, server, { name: "react", query: { keys: keys.join() } });

  const loaded = () =>
    page
      .getByRole("img")
      .evaluateAll((all: HTMLImageElement[]) => all.filter((each) => each.naturalWidth > 0).length);
  await expect.poll(loaded).toBe(50);
  expect(asked).toEqual([{ objectKeys: keys }]);
});

const width = (page: Page, name: string): Promise<number> =>
  page.getByAltText(name).evaluate((image: HTMLImageElement) => image.naturalWidth);
