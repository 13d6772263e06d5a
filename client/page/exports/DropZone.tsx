/** A file input that looks like a place to drop files on, and is one. */
import type { Kind } from "@gridboss/assets";
import { type DragEvent, type RefObject, useState } from "react";
import { accept, limits } from "../format.js";

interface Props {
  kind: Kind;
  onFiles: (files: readonly File[]) => void;
  input: RefObject<HTMLInputElement | null>;
}

export function DropZone({ kind, onFiles, input }: Props) {
  const [over, setOver] = useState(false);

  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the input inside does the same
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      <label htmlFor="export-files">
        Drop documents here or <span>choose some</span>
      </label>
      <small id="export-limits">{limits(kind)}</small>
      <input
        ref={input}
        id="export-files"
        type="file"
        multiple
        accept={accept(kind)}
        aria-describedby="export-limits"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = ""; // the same file may be chosen again
        }}
      />
    </div>
  );
}
