/** Does a picture say where it was taken? Looked up in the browser, before and after the upload. */

const GPS_INFO = 0x8825; // the tag that points to the position (CIPA DC-008, "GPS Info IFD Pointer")

export async function hasPosition(blob: Blob): Promise<boolean> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const tiff = findTiff(bytes);
  if (tiff === -1) return false;
  const view = new DataView(bytes.buffer, tiff);
  const little = view.getUint8(0) === 0x49; // "II"; "MM" is big-endian
  try {
    const directory = view.getUint32(4, little);
    const entries = view.getUint16(directory, little);
    for (let entry = 0; entry < entries; entry += 1) {
      if (view.getUint16(directory + 2 + 12 * entry, little) === GPS_INFO) return true;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // cut short: nothing to be found
  }
  return false;
}

// The TIFF structure comes right after "Exif" in a JPEG, a PNG and a WebP, but for a few bytes.
function findTiff(bytes: Uint8Array<ArrayBuffer>): number {
  const text = new TextDecoder("latin1").decode(bytes);
  const found = /exif[\s\S]{0,4}(?=II\*\0|MM\0\*)/i.exec(text);
  return found ? found.index + found[0].length : -1;
}
