/** One export: first its upload, then the object that came of it. */
import type { UploadedAsset } from "@gridboss/assets";
import { useEffect, useRef } from "react";
import type { AssetRecord } from "../records.js";
import { Sealed } from "./Sealed.js";
import { Uploading } from "./Uploading.js";

export interface Row {
  readonly id: string;
  /** What is uploaded; there is none in a row that was remembered. */
  readonly file?: File;
  readonly record?: AssetRecord;
  /** Comes with a fresh link, for as long as the page is open. */
  readonly asset?: UploadedAsset;
}

interface Props {
  row: Row;
  onDone: (name: string, asset: UploadedAsset) => void;
  onGone: () => void;
}

export function ExportRow({ row: { file, record, asset }, onDone, onGone }: Props) {
  const item = useRef<HTMLLIElement>(null);
  const hadFocus = useRef(false);

  // The button that had the focus goes away with the upload; the row keeps its place.
  useEffect(() => {
    if (record && hadFocus.current) item.current?.focus();
    hadFocus.current = false;
  }, [record]);

  return (
    <li ref={item} tabIndex={-1} aria-label={record?.name ?? file?.name}>
      {record ? (
        <Sealed record={record} asset={asset} onGone={onGone} />
      ) : (
        file && (
          <Uploading
            file={file}
            onDone={(done) => {
              hadFocus.current = item.current?.contains(document.activeElement) ?? false;
              onDone(file.name, done);
            }}
            onGone={onGone}
          />
        )
      )}
    </li>
  );
}
