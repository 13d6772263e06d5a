/** Takes the pictures of `docs/images`: the demo page in each of its states. */
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "../e2e/support/demo.js";
import { photo, table, textAs } from "../e2e/support/files.js";

const IMAGES = join(import.meta.dirname, "../../docs/images");

const shoot = async (page: Page, name: string): Promise<void> => {
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.screenshot({ path: join(IMAGES, `${name}.png`), fullPage: true });
};

const csv = (name: string) => ({
  name,
  mimeType: "text/csv",
  buffer: Buffer.from("driver,points\nAda,25\nBen,18\n"),
});
const bad = {
  name: "teams.json",
  mimeType: "application/json",
  buffer: Buffer.from('{"teams": ['),
};

test.use({ viewport: { width: 1200, height: 800 } });

test("the page in each of its states", async ({ demo, network, ownServer, said }, info) => {
  const { page } = demo;
  await page.emulateMedia({ reducedMotion: "reduce" });
  await demo.open((await ownServer({})).url);
  await shoot(page, "page-empty");

  await demo.choosePicture(photo("portrait-gps-rotated"));
  await expect(demo.avatar.getByRole("button", { name: "Save" })).toBeVisible();
  await shoot(page, "page-editor");
  await demo.saveCrop();

  await network.slow(40_000);
  await demo.upload();
  await demo.chooseExports(table(info, "lap-times.csv", 400_000));
  await demo.chooseExports(csv("standings.csv"));
  await expect(demo.row("lap-times.csv")).toContainText(/ [1-9]\d %/);
  await shoot(page, "page-uploading");
  await network.fast();
  await demo.picture();
  await demo.sealed("lap-times.csv");
  await demo.sealed("standings.csv");

  await network.offline();
  await demo.chooseExports(csv("calendar.csv"));
  await expect(demo.row("calendar.csv")).toContainText("Waiting for the network");
  await shoot(page, "page-offline");
  await network.online();
  await demo.sealed("calendar.csv");
  await shoot(page, "page");

  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "page-dark");
  await page.setViewportSize({ width: 390, height: 800 });
  await shoot(page, "page-phone");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1200, height: 800 });

  await demo.chooseExports(bad);
  await expect(demo.row("teams.json")).toContainText("JSON");
  await demo.choosePicture(textAs(info, "helmet.png"));
  const cancel = demo.avatar.getByRole("button", { name: "Cancel" });
  if ((await cancel.count()) > 1) await cancel.last().click();
  await demo.upload();
  await expect(demo.avatar.locator(".message")).toBeVisible();
  await shoot(page, "page-refused");
  said.length = 0; // Uppy logs what it shows
});

test("the page with sign-in, and with a bucket that lets it not in", async ({
  demo,
  ownServer,
}) => {
  const server = await ownServer({ env: { JWT_SECRET: "s".repeat(32) } });
  await demo.open(server.url);
  await expect(demo.page.getByLabel("Access token")).toBeVisible();
  await shoot(demo.page, "page-sign-in");

  const open = await ownServer({});
  await open.setCors(["https://elsewhere.example"]);
  await demo.open(open.url);
  await demo.chooseExports(csv("standings.csv"));
  await expect(demo.row("standings.csv")).toContainText("CORS rules");
  await shoot(demo.page, "page-cors");
});
