/** Pictures that are still too large when they are to be sent, as no editor made them smaller. */
import type { PictureUppy } from "./uppy.js";

/** The longest side, in pixels, of what the editor and this write. */
export const SIDE = 1024;

export async function makeFit(uppy: PictureUppy, ids: string[], maxSize: number): Promise<void> {
  for (const file of uppy.getFilesByIds(ids)) {
    const { data, size } = file;
    if (!(data instanceof Blob) || size === null || size <= maxSize) continue;
    const smaller = await shrink(data, maxSize);
    if (smaller === null) continue; // what can't be decoded here is judged by the service
    const [, format = "jpeg"] = smaller.type.split("/");
    const name = file.name.replace(/\.[^.]*$|$/, format === "jpeg" ? ".jpg" : `.${format}`);
    uppy.setFileState(file.id, {
      name,
      type: smaller.type,
      data: smaller,
      size: smaller.size,
      meta: { ...file.meta, name, type: smaller.type },
    });
  }
}

async function shrink(picture: Blob, maxSize: number): Promise<Blob | null> {
  const bitmap = await createImageBitmap(picture).catch(() => null);
  if (bitmap === null) return null;
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext("2d");
  if (context === null) return null;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  // WebP keeps what is transparent; a browser that can't write it gives another type.
  for (const type of ["image/webp", "image/jpeg"]) {
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, 0.85));
    if (blob?.type === type && blob.size <= maxSize) return blob;
  }
  return null;
}
