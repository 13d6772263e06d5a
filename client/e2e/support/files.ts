/** Files to upload. Those that are made stand in the test's own folder. */
import { closeSync, copyFileSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TestInfo } from "@playwright/test";

const PHOTOS = join(import.meta.dirname, "../../../tests/fixtures/photos");

export const photo = (name: "china" | "flower" | "portrait-gps-rotated" = "flower"): string =>
  join(PHOTOS, `${name}.jpg`);

export const MIB = 1024 * 1024;

/** A CSV file of exactly `size` bytes. */
export function table(info: TestInfo, name: string, size: number): string {
  const path = info.outputPath(name);
  const file = openSync(path, "w");
  const line = "12,Hamilton,Silverstone,1:27.097\n";
  const chunk = Buffer.from(line.repeat(32_768));
  for (let left = size; left > 0; left -= chunk.length) {
    writeSync(file, chunk, 0, Math.min(left, chunk.length));
  }
  closeSync(file);
  return path;
}

/** A copy under another name, from which the browser takes its type. */
export function copyAs(info: TestInfo, original: string, name: string): string {
  const path = info.outputPath(name);
  copyFileSync(original, path);
  return path;
}

/** A text, whatever its name says. */
export function textAs(info: TestInfo, name: string): string {
  const path = info.outputPath(name);
  writeFileSync(path, "This is a text and no picture.\n".repeat(20));
  return path;
}
