/** The uploader for Uppy, driven on its Dashboard. */
import type { Page } from "@playwright/test";
import { photo, textAs } from "./support/files.js";
import { expect, METHODS, openHarness, test } from "./support/test.js";

const add = (page: Page, path: string) =>
  page.locator("input[type=file]").first().setInputFiles(path);
const upload = (page: Page) => page.getByRole("button", { name: "Upload 1 file" }).click();
const results = (page: Page) =>
  page.evaluate(() => window.uppy.getFiles().map(({ response }) => response?.body));

for (const method of METHODS) {
  test(`a photograph is uploaded, and its asset is the answer (${method})`, async ({
    page,
    serverWith,
  }) => {
    await openHarness(page, await serverWith(method), { name: "uppy" });
    await add(page, photo());
    await upload(page);

    await expect(page.getByText("Complete", { exact: true })).toBeVisible();
    expect(await results(page)).toEqual([expect.objectContaining({ filename: "flower.jpg" })]);
  });
}

test("a file that is refused says why, is removed, and another one is accepted", async ({
  page,
  serverWith,
}, info) => {
  await openHarness(page, await serverWith("POST"), { name: "uppy" });
  await add(page, textAs(info, "me.png"));
  await upload(page);
  await expect(page.getByText("Upload failed").first()).toBeVisible();
  await expect(page.getByLabel(/not a picture/).first()).toBeVisible();

  await page.getByRole("button", { name: "Remove file" }).click();
  await add(page, photo());
  await upload(page);
  await expect(page.getByText("Complete", { exact: true })).toBeVisible();
  expect(await results(page)).toEqual([expect.objectContaining({ filename: "flower.jpg" })]);
});

test("a file of another type is not even taken", async ({ page, serverWith }, info) => {
  await openHarness(page, await serverWith("POST"), { name: "uppy" });
  await page.waitForFunction(() => window.uppy.opts.restrictions.allowedFileTypes);
  await add(page, textAs(info, "notes.txt"));

  await expect(page.getByRole("alert").first()).toHaveText(/You can only upload/);
  expect(await results(page)).toEqual([]);
});
