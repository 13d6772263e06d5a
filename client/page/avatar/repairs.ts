/** What Uppy's own markup lacks for a keyboard and a screen reader, put right as it is drawn. */
import { cropWithKeys } from "./keys.js";
import type { PictureUppy } from "./uppy.js";

type Attributes = Readonly<Record<string, string | null>>; // null: without it

const REPAIRS: readonly (readonly [string, Attributes])[] = [
  // A name needs a role.
  [".uppy-Dashboard", { role: "group" }],
  // These buttons open a file dialog or the camera. They are no tabs: no arrow key moves between
  // them, and what they control is not there.
  [".uppy-Dashboard-AddFiles-list", { role: "group", "aria-label": "Sources" }],
  [".uppy-DashboardTab-btn", { role: null, "aria-selected": null, "aria-controls": null }],
  // A list item needs a list, also when it is the only one.
  [".uppy-Dashboard-files", { role: "list" }],
  [".uppy-DashboardContent-panel", { role: "group", "aria-label": "Picture" }],
  // The page's only first-level heading is its name.
  [".uppy-DashboardContent-title[role=heading]", { "aria-level": "3" }],
  // No tooltip, and its name would hide the slider's, which says what it is not.
  [".uppy-ImageCropper-rangeWrapper", { role: null, "aria-label": null }],
  [".uppy-ImageCropper-range", { "aria-label": "Turn by degrees" }],
  [".uppy-StatusBar-progress", { "aria-label": "Upload" }],
  ["video.uppy-Webcam-video", { "aria-label": "What the camera sees" }],
  ["img.uppy-Webcam-video", { alt: "The picture just taken" }],
];

/** Repair all that stands in an element, and all that will; returns how to stop. */
export function repair(target: HTMLElement, uppy: PictureUppy): () => void {
  const run = () => {
    for (const [selector, attributes] of REPAIRS) {
      for (const element of target.querySelectorAll(selector)) set(element, attributes);
    }
    cover(target);
    const cropper = target.querySelector<HTMLElement>(".uppy-ImageCropper-container");
    if (cropper) cropWithKeys(cropper, uppy);
  };
  const observer = new MutationObserver(run);
  observer.observe(target, {
    subtree: true,
    childList: true,
    attributeFilter: ["role", "aria-label", "aria-level", "aria-selected", "aria-controls", "alt"],
  });
  target.addEventListener("keydown", freeTab, { capture: true });
  run();
  return () => {
    target.removeEventListener("keydown", freeTab, { capture: true });
    observer.disconnect();
  };
}

/** What the editor or the camera hides from the eye is hidden from the others, too. */
function cover(target: HTMLElement): void {
  const parts = [...target.querySelectorAll<HTMLElement>(".uppy-Dashboard-innerWrap > *")];
  const isPanel = (part: HTMLElement) => part.classList.contains("uppy-DashboardContent-panel");
  const covered = parts.some(isPanel);
  for (const part of parts) part.inert = covered && !isPanel(part);
}

/** Uppy keeps the Tab key inside of an open panel, and also once that is closed. */
function freeTab(event: KeyboardEvent): void {
  if (event.key === "Tab") event.stopPropagation();
}

function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) === value) continue; // or the observer would never rest
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
}
