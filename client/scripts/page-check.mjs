/** The built page in the Python package has to be what its source builds to, byte for byte. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";

const config = new URL("../vite.page.config.ts", import.meta.url).pathname;
const committed = new URL("../../src/gridboss_assets/dev/page/static", import.meta.url).pathname;
const built = mkdtempSync(join(tmpdir(), "page-"));

try {
  await build({ configFile: config, logLevel: "warn", build: { outDir: built } });
  const files = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  const differs = [...new Set([...files(built), ...files(committed)])].filter((name) => {
    try {
      return !readFileSync(join(built, name)).equals(readFileSync(join(committed, name)));
    } catch {
      return true; // stands in one place only
    }
  });
  if (differs.length > 0) {
    console.error(`The built page is not of this source: ${differs.join(", ")}.`);
    console.error("Run `npm run page` in client/, or scripts/check --fix.");
    process.exitCode = 1;
  }
} finally {
  rmSync(built, { recursive: true });
}
