/** A file on a disk may change between its choice and its upload. */
import { AssetsError } from "./errors.js";

export const changed = (): AssetsError =>
  new AssetsError(
    "unreadable_file",
    "The file can't be read: it was changed, moved or removed. Choose it again.",
  );

/** Whether the browser still reads the file. One that was removed counts as empty in Chromium. */
export async function isReadable(file: Blob): Promise<boolean> {
  try {
    await (file.size > 0 ? file.slice(0, 1) : file).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Whether the file no longer has the size that it had; reads it whole, so only to explain a failure. */
export async function hasGrown(file: Blob, size: number): Promise<boolean> {
  try {
    return (await file.arrayBuffer()).byteLength !== size;
  } catch {
    return true;
  }
}
