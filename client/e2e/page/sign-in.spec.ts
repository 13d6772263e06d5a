/** The demo page says who may do what. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "../support/demo.js";
import { BIN } from "../support/server.js";

const JWT_SECRET = "a-secret-of-at-least-thirty-two-bytes";
const csv = { name: "season.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") };

test("without sign-in the page says so", async ({ demo, serverWith }) => {
  await demo.open((await serverWith("POST")).url);
  await expect(demo.page.getByText("This server runs without sign-in")).toBeVisible();
  await expect(demo.page.getByLabel("Access token")).toHaveCount(0);
});

test("with sign-in it asks for a token, and uploads as whoever that is", async ({
  demo,
  serverWith,
}) => {
  await demo.open((await serverWith("POST", { JWT_SECRET })).url);
  await expect(demo.page.getByText("without sign-in")).toHaveCount(0);
  await demo.chooseExports(csv);
  await expect(demo.row("season.csv")).toContainText("Sign in");

  const token = execFileSync(join(BIN, "gridboss-assets"), ["token", "--sub", "driver-7"], {
    env: { ...process.env, JWT_SECRET },
  });
  await demo.page.getByLabel("Access token").fill(token.toString().trim());
  await demo.row("season.csv").getByRole("button", { name: "Dismiss" }).click();
  await demo.chooseExports(csv);
  await demo.sealed("season.csv");
  const link = await demo.row("season.csv").getByRole("link").getAttribute("href");
  expect(link).toContain("/exports/driver-7/");
  const stored = await demo.page.evaluate(() => JSON.stringify(localStorage));
  expect(stored).toContain("exports/driver-7/");
  expect(stored).not.toMatch(/X-Amz|eyJ/); // neither a URL nor a token
});
