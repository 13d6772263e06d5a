/** What an example of the documents finds around it, as the page of an application would have it. */
import type { ReactElement } from "react";
import { createRoot } from "react-dom/client";

const given = new URLSearchParams(location.search);

/** The address of the service, and an access token of the caller `driver-7`. */
export const API = given.get("api") as string;
export const TOKEN = given.get("token") as string;

const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
canvas.getContext("2d")?.fillRect(8, 8, 48, 48);
const png = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));

export const picture = new File([png as Blob], "me.png", { type: "image/png" });
export const table = new File(["driver,points\nAda,25\n"], "season.csv", { type: "text/csv" });

export const assert = {
  equal(actual: unknown, expected: unknown) {
    if (actual !== expected) throw new Error(`${actual} is not ${expected}`);
  },
  match(actual: string, expected: RegExp) {
    if (!expected.test(actual)) throw new Error(`${actual} does not match ${expected}`);
  },
};

export async function render(element: ReactElement): Promise<HTMLElement> {
  const place = document.body.appendChild(document.createElement("div"));
  createRoot(place).render(element);
  await until(() => place.firstElementChild);
  return place;
}

/** Choose a file as a person would. */
export function choose(input: HTMLInputElement, file: File): void {
  const chosen = new DataTransfer();
  chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export async function until<T>(look: () => T | null | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await new Promise((frame) => requestAnimationFrame(frame));
  }
}
