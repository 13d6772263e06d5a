/** Every TypeScript example of the documents compiles, and does what it says in a browser. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { checkExamples, readExamples } from "./support/documents.js";
import { BIN } from "./support/server.js";
import { test as base, expect, harnessOrigin, METHODS } from "./support/test.js";

const JWT_SECRET = "a-secret-of-at-least-thirty-two-bytes";

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
const test = base.extend({ said: async ({}, use) => use([]) }); // examples write to the console

const examples = readExamples();

test("the examples compile", () => {
  expect(examples.length).toBeGreaterThan(1);
  checkExamples();
});

for (const method of METHODS) {
  for (const { name, file } of examples) {
    test(`${name} runs, with ${method}`, async ({ page, serverWith }) => {
      const { url } = await serverWith(method, { JWT_SECRET, PUBLIC_AVATARS: "true" });
      const token = execFileSync(join(BIN, "gridboss-assets"), ["token", "--sub", "driver-7"], {
        env: { ...process.env, JWT_SECRET },
      });
      const query = new URLSearchParams({ api: url, token: token.toString().trim(), file });
      await page.goto(`${harnessOrigin()}/examples/page.html?${query}`);
      const outcome = await page.waitForFunction(() => window.outcome);
      expect(await outcome.jsonValue()).toBe("passed");
    });
  }
}

declare global {
  interface Window {
    outcome?: string;
  }
}
