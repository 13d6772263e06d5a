/** End-to-end tests: the built package in a real Chromium, against the real development server. */
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const installed = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
// Without any of them Playwright takes the browser that `npx playwright install chromium` brings.
const executablePath = process.env.CHROMIUM || installed.find((path) => existsSync(path));

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/support/build.ts",
  outputDir: "test-results",
  preserveOutput: "failures-only",
  reporter: process.env.CI ? "list" : "line",
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // For a machine that has other work to do. What a test waits for, it sees much earlier.
  timeout: 60_000,
  expect: { timeout: 20_000 },
  projects: [{ name: "chromium", use: { browserName: "chromium" } }],
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    screenshot: "only-on-failure",
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
      ],
    },
  },
});
