/** How sizes, times and limits read. */
import type { Kind } from "@gridboss/assets";

const UNITS = [
  [1024 * 1024, "MiB"],
  [1024, "KiB"],
] as const;

export function size(bytes: number): string {
  const [unit, name] = UNITS.find(([least]) => bytes >= least) ?? [1, "bytes"];
  return `${Number((bytes / unit).toFixed(1))} ${name}`;
}

export const percent = (fraction: number): string => `${Math.floor(fraction * 100)} %`;

/** `time` in ms, as `Date.now()` has it. */
export const clock = (time: number): string =>
  new Date(time).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const endings = (kind: Kind): string[] => Object.values(kind.contentTypes).flat();

export const limits = (kind: Kind): string =>
  `${endings(kind).join(" ")}, up to ${size(kind.maxSize)}`;

/** Such as "JPEG, PNG, or WebP". */
export const formats = (kind: Kind): string =>
  new Intl.ListFormat("en", { type: "disjunction" }).format(
    Object.keys(kind.contentTypes).map((type) =>
      type.replace(/^.*\//, "").toUpperCase().replace("WEBP", "WebP"),
    ),
  );

/** The value of `accept` that lets a file dialog offer what the kind takes. */
export const accept = (kind: Kind): string =>
  [...Object.keys(kind.contentTypes), ...endings(kind)].join(",");
