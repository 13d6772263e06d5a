/** The demo page, driven as a person does: by what is written on it. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Locator, Page, TestInfo } from "@playwright/test";
import { BIN } from "./server.js";
import { test as base, expect } from "./test.js";

export { expect, METHODS } from "./test.js";

export const test = base.extend<{ demo: DemoPage }>({
  demo: async ({ page, said }, use) => {
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) said.push(message.text());
    });
    await use(new DemoPage(page));
  },
});

export class DemoPage {
  readonly avatar: Locator;
  readonly exports: Locator;

  constructor(readonly page: Page) {
    this.avatar = page.getByRole("region", { name: "Driver’s avatar" });
    this.exports = page.getByRole("region", { name: "Exports" });
  }

  async open(url: string): Promise<void> {
    // From now on Chromium opens no dialog of its own; asked for only later, that may come too late.
    this.page.on("filechooser", () => {});
    await this.page.goto(url);
    await expect(this.exports).toBeVisible();
  }

  // --- the avatar --------------------------------------------------------------------------------

  /** Choose a picture; the editor opens by itself. */
  async choosePicture(path: string): Promise<void> {
    const chooser = this.page.waitForEvent("filechooser");
    await this.avatar.getByRole("button", { name: "My Device" }).click();
    await (await chooser).setFiles(path);
  }

  async saveCrop(): Promise<void> {
    await expect(this.avatar.locator(".cropper-crop-box")).toBeVisible();
    await this.avatar.getByRole("button", { name: "Save" }).click();
    await expect(this.avatar.getByRole("button", { name: "Save" })).toBeHidden();
  }

  /** Leave the editor, which opens a moment after the file was chosen; the page has a Cancel too. */
  async leaveEditor(): Promise<void> {
    const save = this.avatar.getByRole("button", { name: "Save" });
    await expect(save).toBeVisible();
    await this.avatar.getByRole("button", { name: "Cancel" }).last().click();
    await expect(save).toBeHidden();
  }

  async upload(): Promise<void> {
    await this.avatar.getByRole("button", { name: "Upload this picture" }).click();
  }

  async uploadPicture(path: string): Promise<void> {
    await this.choosePicture(path);
    await this.saveCrop();
    await this.upload();
  }

  /** The picture of now, once it is loaded. */
  async picture(name?: string): Promise<{ width: number; height: number }> {
    const picture = this.avatar.getByRole("img", { name: `The driver’s avatar, ${name ?? ""}` });
    await expect(picture).toBeVisible();
    const size = () =>
      picture.evaluate((image: HTMLImageElement) => ({
        width: image.naturalWidth,
        height: image.naturalHeight,
      }));
    await expect.poll(async () => (await size()).width).toBeGreaterThan(0);
    return size();
  }

  fact(name: string): Locator {
    return this.avatar.getByRole("term").filter({ hasText: name }).locator("+ dd");
  }

  // --- the exports -------------------------------------------------------------------------------

  async chooseExports(...files: Parameters<Locator["setInputFiles"]>[0][]): Promise<void> {
    await this.exports.locator("input[type=file]").setInputFiles(files.flat() as string[]);
  }

  row(name: string): Locator {
    return this.exports.getByRole("listitem").filter({ hasText: name });
  }

  async sealed(name: string): Promise<void> {
    await expect(this.row(name)).toContainText("Sealed");
  }
}

/** A photograph as a phone takes it: 12 megapixels, far over 2 MiB, lying on its side, with GPS. */
export function phonePhoto(info: TestInfo): string {
  const path = info.outputPath("phone.jpg");
  const photos = join(import.meta.dirname, "../../../tests/fixtures/photos");
  execFileSync(join(BIN, "python"), ["-c", PHONE, photos, path]);
  return path;
}

const PHONE = `
import sys
from PIL import Image, ImageChops
photos, path = sys.argv[1:]
tags = Image.open(photos + "/portrait-gps-rotated.jpg").getexif()
photo = Image.open(photos + "/china.jpg").convert("RGB").resize((4000, 3000))
noise = Image.merge("RGB", [Image.effect_noise(photo.size, 40)] * 3)
ImageChops.add(photo, noise, 1, -128).save(path, quality=90, exif=tags)
`;
