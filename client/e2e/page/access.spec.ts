/** The demo page for everybody: screen reader, keyboard alone, a phone's width, light and dark. */
import AxeBuilder from "@axe-core/playwright";
import { AXE_EXCEPTIONS } from "../../page/axe-exceptions.js";
import { type DemoPage, expect, test } from "../support/demo.js";
import { photo, textAs } from "../support/files.js";

const csv = { name: "season.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") };
const bad = { name: "bad.json", mimeType: "application/json", buffer: Buffer.from("{nope") };

/** What axe finds, but for what is listed by name. */
async function findings({ page }: DemoPage): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .map(({ target }) => `${id}: ${target.join(" ")}`)
      .filter((found) =>
        AXE_EXCEPTIONS.every(({ rule, selector }) => rule !== id || !found.includes(selector)),
      ),
  );
}

const fits = ({ page }: DemoPage): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);

const SCHEMES = ["light", "dark"] as const;

for (const width of [360, 768, 1280]) {
  test(`axe finds nothing in any state, light or dark, ${width} pixels wide`, async ({
    demo,
    network,
    serverWith,
    said,
  }, info) => {
    await demo.page.setViewportSize({ width, height: 800 });
    const looked = async (state: string) => {
      for (const colorScheme of SCHEMES) {
        await demo.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        expect(await findings(demo), `${state}, ${colorScheme}`).toEqual([]);
        expect(await fits(demo), `${state}, ${colorScheme}: nothing sticks out`).toBe(true);
      }
    };
    await demo.open((await serverWith("POST")).url);
    await looked("empty");

    await demo.choosePicture(photo("flower"));
    await expect(demo.avatar.getByRole("button", { name: "Save" })).toBeVisible();
    await looked("editor");
    await demo.saveCrop();
    await looked("ready to upload");
    await network.slow(8_000);
    await demo.upload();
    await demo.chooseExports(csv, bad);
    await looked("under way");
    await network.fast();
    await demo.picture("flower.jpg");
    await demo.sealed("season.csv");
    await expect(demo.row("bad.json")).toContainText("not valid JSON");
    await looked("done, and one refused");

    await demo.choosePicture(textAs(info, "me.png"));
    await demo.leaveEditor();
    await demo.upload();
    await expect(demo.avatar.locator(".message")).toBeVisible();
    await looked("a refused picture");
    said.length = 0; // Uppy logs what it shows
  });
}

test("axe finds nothing on the page with sign-in, nor in the camera", async ({
  demo,
  serverWith,
}) => {
  await demo.open((await serverWith("POST", { JWT_SECRET: "s".repeat(32) })).url);
  await expect(demo.page.getByLabel("Access token")).toBeVisible();
  expect(await findings(demo)).toEqual([]);
  await demo.avatar.getByRole("button", { name: "Camera" }).click();
  await expect(demo.avatar.getByRole("button", { name: /take a picture/i })).toBeVisible();
  expect(await findings(demo)).toEqual([]);
});

/** Press Tab until the focus is on what has this name. */
async function tabTo({ page }: DemoPage, name: string | RegExp): Promise<void> {
  const wanted = page.getByRole("button", { name }).or(page.getByRole("link", { name }));
  for (let n = 0; n < 40; n += 1) {
    await page.keyboard.press("Tab");
    const focused = await wanted.evaluateAll((all) =>
      all.findIndex((each) => each.matches(":focus")),
    );
    if (focused >= 0) return;
  }
  throw new Error(`Tab never comes to ${name}`);
}

test("an avatar is chosen, cropped, uploaded and removed with the keyboard alone", async ({
  demo,
  serverWith,
}) => {
  await demo.open((await serverWith("POST")).url);
  const { keyboard } = demo.page;
  await tabTo(demo, "My Device");
  const chooser = demo.page.waitForEvent("filechooser");
  await keyboard.press("Enter");
  await (await chooser).setFiles(photo("flower"));
  await expect(demo.avatar.getByRole("button", { name: "Save" })).toBeVisible();

  const crop = demo.avatar.getByRole("application");
  for (
    let n = 0;
    n < 40 && !(await crop.evaluate((box) => box === document.activeElement));
    n += 1
  ) {
    await keyboard.press("Tab");
  }
  const box = demo.avatar.locator(".cropper-crop-box");
  const before = await box.boundingBox();
  await keyboard.press("-");
  await keyboard.press("ArrowLeft");
  expect(await box.boundingBox()).not.toEqual(before);

  await keyboard.press("Shift+Tab");
  await keyboard.press("Enter"); // Save stands before the picture
  await expect(demo.avatar.getByRole("button", { name: "Save" })).toBeHidden();
  await tabTo(demo, "Upload this picture");
  await keyboard.press("Enter");
  await demo.picture("flower.jpg");
  await tabTo(demo, /^Remove$/);
  await keyboard.press("Enter");
  await expect(demo.avatar.getByText("No picture yet")).toBeVisible();
});

test("an export is uploaded, downloaded and deleted with the keyboard alone", async ({
  demo,
  serverWith,
}) => {
  await demo.open((await serverWith("POST")).url);
  const { keyboard } = demo.page;
  await tabTo(demo, /choose some/);
  const chooser = demo.page.waitForEvent("filechooser");
  await keyboard.press("Enter");
  await (await chooser).setFiles(csv);
  await demo.sealed("season.csv");
  await tabTo(demo, "Download");
  const download = demo.page.waitForEvent("download");
  await keyboard.press("Enter");
  expect((await download).suggestedFilename()).toBe("season.csv");
  await tabTo(demo, "Delete");
  await keyboard.press("Enter");
  await expect(demo.row("season.csv")).toHaveCount(0);
});

test("what happens is announced once to a screen reader", async ({ demo, serverWith }) => {
  await demo.open((await serverWith("POST")).url);
  await demo.chooseExports(csv);
  await expect(demo.page.getByTestId("announcer")).toHaveText("season.csv is uploaded and sealed.");
});
