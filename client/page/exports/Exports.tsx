/** Several files at once, each in a row of its own; the newest stands on top. */
import type { Kind, UploadedAsset } from "@gridboss/assets";
import { useRef, useState } from "react";
import { type AssetRecord, toRecord } from "../records.js";
import { DropZone } from "./DropZone.js";
import { ExportRow, type Row } from "./ExportRow.js";

interface Props {
  kind: Kind;
  records: readonly AssetRecord[];
  keep: (change: (records: readonly AssetRecord[]) => readonly AssetRecord[]) => void;
}

const fromRecord = (record: AssetRecord): Row => ({ id: record.objectKey, record });

export function Exports({ kind, records, keep }: Props) {
  const [rows, setRows] = useState<readonly Row[]>(() => records.map(fromRecord));
  const input = useRef<HTMLInputElement>(null);

  const add = (files: readonly File[]) =>
    setRows((all) => [
      ...files.map((file) => ({ id: crypto.randomUUID(), file })).reverse(),
      ...all,
    ]);

  const done = (row: Row, name: string, asset: UploadedAsset) => {
    const record = toRecord(asset, name);
    keep((all) => [record, ...all]);
    setRows((all) => all.map((each) => (each.id === row.id ? { ...row, record, asset } : each)));
  };

  const drop = (row: Row) => {
    const gone = row.record?.objectKey;
    if (gone !== undefined) keep((all) => all.filter(({ objectKey }) => objectKey !== gone));
    setRows((all) => all.filter(({ id }) => id !== row.id));
    input.current?.focus(); // what had the focus is gone
  };

  return (
    <section aria-labelledby="exports-title">
      <h2 id="exports-title">Exports</h2>
      <DropZone kind={kind} onFiles={add} input={input} />
      {rows.length > 0 && (
        <ul className="rows" aria-label="Exports">
          {rows.map((row) => (
            <ExportRow
              key={row.id}
              row={row}
              onDone={(name, asset) => done(row, name, asset)}
              onGone={() => drop(row)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}
