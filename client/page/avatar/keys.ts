/** The crop box for hands that hold no mouse: arrows move it, + and − change its size. */
import type { PictureUppy } from "./uppy.js";

const STEP = 10; // pixels on the screen

const MOVES: Readonly<Record<string, readonly [number, number, number]>> = {
  ArrowLeft: [-STEP, 0, 0],
  ArrowRight: [STEP, 0, 0],
  ArrowUp: [0, -STEP, 0],
  ArrowDown: [0, STEP, 0],
  "+": [-STEP, -STEP, 2 * STEP],
  "-": [STEP, STEP, -2 * STEP],
};

export function cropWithKeys(container: HTMLElement, uppy: PictureUppy): void {
  if (container.role === "application") return;
  container.role = "application";
  container.tabIndex = 0;
  container.ariaLabel = "Crop: arrow keys move the square, plus and minus change its size";
  container.addEventListener("keydown", (event) => {
    const cropper = uppy.getPlugin("ImageEditor")?.cropper;
    const move = MOVES[event.key === "=" ? "+" : event.key];
    if (!cropper || !move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // the page does not scroll meanwhile
    const [dx, dy, growth] = move;
    const box = cropper.getCropBoxData();
    const side = box.width + growth;
    cropper.setCropBoxData({ left: box.left + dx, top: box.top + dy, width: side, height: side });
  });
}
