/** A file's whole way, progress, and stopping, by a form and by PUT. */
import type { Page } from "@playwright/test";
import { photo, table } from "./support/files.js";
import { expect, METHODS, openHarness, test } from "./support/test.js";

for (const method of METHODS) {
  test.describe(method, () => {
    test("a photograph is uploaded, shown by its link, and removed", async ({
      page,
      harness,
      serverWith,
    }) => {
      const server = await serverWith(method);
      await openHarness(page, server);
      const upload = await harness.upload("avatar", photo("portrait-gps-rotated"));
      const asset = await upload.asset();

      expect(asset).toEqual({
        objectKey: expect.stringMatching(/^avatars\/dev\/[0-9a-f]{32}\.jpg$/),
        contentType: "image/jpeg",
        contentLength: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        filename: "portrait-gps-rotated.jpg",
        warnings: [],
        url: expect.stringContaining(asset.objectKey),
        expiresIn: 3600,
      });
      expect(await upload.steps()).toEqual(["checking", "signing", "sending", "completing"]);
      expect(await width(page, asset.url)).toBeGreaterThan(0);

      const { objectKey } = asset;
      const link = await page.evaluate(
        async (key) => (await window.harness.assets.download(key)).url(),
        objectKey,
      );
      const opened = await page.request.get(link);
      expect(opened.status()).toBe(200);
      expect((await opened.body()).length).toBe(asset.contentLength);

      for (const _ of ["once", "again"]) {
        await page.evaluate((key) => window.harness.assets.remove(key), objectKey);
      }
      expect((await page.request.get(link)).status()).toBe(404);
    });

    test("progress is seen on its way, and only grows", async ({
      page,
      harness,
      network,
      serverWith,
    }, info) => {
      await openHarness(page, await serverWith(method));
      await network.slow(400_000);
      const upload = await harness.upload("export", table(info, "laps.csv", 300_000));
      await upload.asset();

      const sends = await upload.sends();
      expect(sends).toHaveLength(1);
      const fractions = sends[0] ?? [];
      expect(fractions.filter((sent) => sent > 0 && sent < 1).length).toBeGreaterThan(1);
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(fractions.at(0)).toBe(0);
      expect(fractions.at(-1)).toBe(1);
    });

    test("an upload that is aborted ends at once and leaves nothing", async ({
      page,
      harness,
      network,
      serverWith,
    }, info) => {
      const server = await serverWith(method);
      await openHarness(page, server);
      const asked: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      const signed = page.waitForResponse("**/uploads/sign");
      const cancelled = page.waitForEvent("requestfailed");
      await network.slow(100_000);
      const upload = await harness.upload("export", table(info, "laps.csv", 2_000_000));
      await upload.halfway();

      expect(await upload.abort()).toBeLessThan(500);
      expect(await upload.error()).toMatchObject({ code: "aborted", retryable: true });
      const request = await cancelled;
      expect(request.url()).toContain(server.bucket);
      expect(request.failure()?.errorText).toBe("net::ERR_ABORTED");

      const { objectKey } = await (await signed).json();
      await network.fast();
      await (await harness.start("export")).asset(); // whatever was under way has arrived by now
      expect(asked.filter((path) => path === "/uploads/complete")).toHaveLength(1);
      expect((await server.objectKeys()).join()).not.toContain(objectKey);
    });

    test("two files are uploaded at once", async ({ page, harness, serverWith }) => {
      await openHarness(page, await serverWith(method));
      await harness.choose(photo("china"), photo("flower"));
      const uploads = [await harness.start("avatar", 0), await harness.start("avatar", 1)];
      const [china, flower] = await Promise.all(uploads.map((upload) => upload.asset()));

      expect([china?.filename, flower?.filename]).toEqual(["china.jpg", "flower.jpg"]);
      expect(china?.objectKey).not.toBe(flower?.objectKey);
      for (const asset of [china, flower]) {
        expect(await width(page, asset?.url ?? "")).toBeGreaterThan(0);
      }
    });
  });
}

/** How wide a picture is that the page loads from another origin; 0 if it is none. */
function width(page: Page, url: string): Promise<number> {
  return page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode().catch(() => {});
    return image.naturalWidth;
  }, url);
}
