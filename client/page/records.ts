/**
 * What was uploaded from this browser, as an application keeps it in its own tables: object keys
 * and what is shown of them, never a URL, which expires.
 */

import type { UploadedAsset } from "@gridboss/assets";
import { useCallback, useState } from "react";

export interface AssetRecord {
  readonly objectKey: string;
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
}

export interface Records {
  readonly avatar: AssetRecord | null;
  readonly exports: readonly AssetRecord[];
}

const NONE: Records = { avatar: null, exports: [] };

export const toRecord = (asset: UploadedAsset, name: string): AssetRecord => ({
  objectKey: asset.objectKey,
  name: asset.filename ?? name,
  size: asset.contentLength,
  contentType: asset.contentType,
});

/** The records of one bucket, and a function that changes and keeps them. */
export function useRecords(
  bucket: string,
): [Records, (change: (records: Records) => Records) => void] {
  const place = `gridboss-assets.${bucket}`;
  const [records, setRecords] = useState(() => read(place));
  const update = useCallback(
    (change: (records: Records) => Records) => {
      // Read anew: another tab may have added to them.
      const changed = change(read(place));
      localStorage.setItem(place, JSON.stringify(changed));
      setRecords(changed);
    },
    [place],
  );
  return [records, update];
}

function read(place: string): Records {
  try {
    const { avatar, exports } = JSON.parse(localStorage.getItem(place) ?? "{}");
    return {
      avatar: isRecord(avatar) ? avatar : null,
      exports: Array.isArray(exports) ? exports.filter(isRecord) : [],
    };
  } catch {
    return NONE; // written by something else
  }
}

const isRecord = (value: unknown): value is AssetRecord =>
  typeof value === "object" &&
  value !== null &&
  typeof Reflect.get(value, "objectKey") === "string" &&
  typeof Reflect.get(value, "name") === "string" &&
  typeof Reflect.get(value, "size") === "number" &&
  typeof Reflect.get(value, "contentType") === "string";
