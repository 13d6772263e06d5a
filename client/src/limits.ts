/** Refuse early what the server would refuse, by its own limits and its own rule. */
import { AssetsError } from "./errors.js";
import type { Kind } from "./types.js";

/** The file's name, or one made of its type: the server wants one, and its ending may decide. */
export function nameOf(file: Blob, filename: string | undefined, kind: Kind): string {
  const name = filename ?? (file as Partial<File>).name;
  return name || `upload${kind.contentTypes[file.type]?.[0] ?? ""}`;
}

/** Throw what `POST /uploads/sign` and the bucket would answer about this file. */
export function refuse(file: Blob, name: string, kind: Kind): void {
  if (!accepts(kind, file.type, name)) {
    const endings = Object.values(kind.contentTypes).flat().join(", ");
    throw new AssetsError(
      "unsupported_content_type",
      `This type of file is not accepted. Choose one of: ${endings}.`,
    );
  }
  if (file.size === 0) {
    throw new AssetsError("empty_object", "The file is empty. Choose another one.");
  }
  if (file.size > kind.maxSize) {
    throw new AssetsError(
      "object_too_large",
      `The file has ${size(file.size)}; at most ${size(kind.maxSize)} are accepted. Choose a smaller one.`,
    );
  }
}

/** A type's alias counts only where the ending of the file's name fits. */
function accepts(kind: Kind, type: string, name: string): boolean {
  const declared = type.replace(/;.*/s, "").trim().toLowerCase();
  const ending = `.${name.slice(name.lastIndexOf(".") + 1).toLowerCase()}`;
  return Object.entries(kind.contentTypes).some(
    ([accepted, endings]) =>
      declared === accepted ||
      (kind.aliases[accepted]?.includes(declared) && endings.includes(ending)),
  );
}

/** Rounded up, so that a file just over the limit does not read like one at the limit. */
function size(bytes: number): string {
  const [unit, name] =
    bytes >= 1_048_576 ? [1_048_576, "MiB"] : bytes >= 1024 ? [1024, "KiB"] : [1, "bytes"];
  return `${Math.ceil((bytes / unit) * 100) / 100} ${name}`;
}
