/** Files that are refused, files at the limit, and the names of those that are downloaded. */
import { appendFileSync, rmSync, utimesSync } from "node:fs";
import { copyAs, MIB, photo, table, textAs } from "./support/files.js";
import { expect, METHODS, openHarness, test } from "./support/test.js";

for (const method of METHODS) {
  test.describe(method, () => {
    test("files that are no such picture are refused, and then another one is accepted", async ({
      page,
      harness,
      serverWith,
    }, info) => {
      await openHarness(page, await serverWith(method));
      for (const [file, code] of [
        [textAs(info, "text.png"), "invalid_image"],
        [copyAs(info, photo(), "photo.png"), "content_mismatch"],
      ] as const) {
        const upload = await harness.upload("avatar", file);
        const error = await upload.error();
        expect(error).toMatchObject({ code, status: 400, retryable: false });
        expect(error.message).toMatch(/\w+\.$/);
        expect(await upload.sends()).toHaveLength(1);
      }

      const accepted = await harness.upload("avatar", photo());
      expect((await accepted.asset()).filename).toBe("flower.jpg");
    });

    test("a file of exactly 25 MiB is accepted", async ({ page, harness, serverWith }, info) => {
      await openHarness(page, await serverWith(method));
      const upload = await harness.upload("export", table(info, "season.csv", 25 * MIB));

      expect((await upload.asset()).contentLength).toBe(25 * MIB);
    });

    test("a file that is removed before the upload begins can't be read, and is not called empty", async ({
      page,
      harness,
      serverWith,
    }, info) => {
      await openHarness(page, await serverWith(method));
      const path = table(info, "laps.csv", 100_000);
      await harness.choose(path);
      rmSync(path);

      expect((await (await harness.start("export")).error()).code).toBe("unreadable_file");
    });

    // Chromium reads no file that has another time of modification than when it was chosen.
    for (const noticed of [true, false]) {
      test(`a file that grows after it was signed, ${noticed ? "" : "un"}noticed by the browser, never blames the service's keys`, async ({
        page,
        harness,
        serverWith,
        proxyBefore,
      }, info) => {
        const api = await proxyBefore((await serverWith(method)).url);
        await openHarness(page, api);
        const path = table(info, "laps.csv", 100_000);
        const chosen = new Date("2024-01-01T00:00:00Z");
        utimesSync(path, chosen, chosen);
        api.fault = ({ path: asked }) => {
          if (asked !== "/uploads/sign") return undefined;
          appendFileSync(path, "13,Russell,1\n");
          if (!noticed) utimesSync(path, chosen, chosen);
          return undefined;
        };
        const outcome = await (await harness.upload("export", path)).outcome();

        // A form may have any length, so there the file arrives as it is now.
        if (method === "POST" && !noticed) expect(outcome).toHaveProperty("asset.contentLength");
        else expect(outcome).toMatchObject({ error: { code: "unreadable_file" } });
      });
    }

    test("a file that is removed while it waits to be sent can't be read", async ({
      page,
      harness,
      serverWith,
      proxyBefore,
    }, info) => {
      const api = await proxyBefore((await serverWith(method)).url);
      await openHarness(page, api);
      const path = table(info, "laps.csv", 100_000);
      api.fault = ({ path: asked }) => void (asked === "/uploads/sign" && rmSync(path));
      const upload = await harness.upload("export", path);

      expect(await upload.error()).toMatchObject({
        code: "unreadable_file",
        message: "The file can't be read: it was changed, moved or removed. Choose it again.",
        retryable: false,
      });
    });
  });
}

test("a file of 25 MiB and one byte is refused before anything is asked", async ({
  page,
  harness,
  serverWith,
}, info) => {
  await openHarness(page, await serverWith("POST"));
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const upload = await harness.upload("export", table(info, "season.csv", 25 * MIB + 1));

  expect(await upload.error()).toMatchObject({
    code: "object_too_large",
    message: "The file has 25.01 MiB; at most 25 MiB are accepted. Choose a smaller one.",
  });
  expect(asked).toEqual(["/uploads/kinds"]);
});

for (const name of ["laps.csv", "Gesamtwertung Österreich.csv", "総合順位 (1).csv"]) {
  test(`a download is called ${name}, as the file was`, async ({
    page,
    harness,
    serverWith,
  }, info) => {
    await openHarness(page, await serverWith("POST"));
    const upload = await harness.upload("export", table(info, name, 1000));
    const { url } = await upload.asset();
    await page.evaluate((url) => {
      const link = Object.assign(document.createElement("a"), { href: url, textContent: "Get it" });
      document.body.append(link);
    }, url);
    const download = page.waitForEvent("download");
    await page.getByText("Get it").click();

    expect((await download).suggestedFilename()).toBe(name);
  });
}
