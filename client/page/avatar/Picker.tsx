/** Uppy's Dashboard with its editor, for one picture at a time. */
import type { Kind, UploadedAsset } from "@gridboss/assets";
import { useAssets } from "@gridboss/assets/react";
import { useEffect, useRef, useState } from "react";
import { useAnnounce } from "../announce.js";
import { formats, size } from "../format.js";
import { repair } from "./repairs.js";
import { createUppy } from "./uppy.js";

interface Props {
  kind: Kind;
  onUploaded: (asset: UploadedAsset, name: string, sent: Blob) => void;
}

export function Picker({ kind, onUploaded }: Props) {
  const assets = useAssets();
  const announce = useAnnounce();
  const target = useRef<HTMLDivElement>(null);
  const [message, setMessage] = useState<string>();
  const uploaded = useRef(onUploaded);
  useEffect(() => {
    uploaded.current = onUploaded;
  });

  useEffect(() => {
    if (target.current === null) return;
    const uppy = createUppy({
      assets,
      kind,
      target: target.current,
      note: `${formats(kind)}. What is over ${size(kind.maxSize)} is made to fit.`,
      onUploaded: (...done) => uploaded.current(...done),
      onMessage: (text) => {
        setMessage(text);
        if (text !== undefined) announce(text);
      },
    });
    const stopRepairs = repair(target.current, uppy);
    return () => {
      stopRepairs();
      uppy.destroy();
    };
  }, [assets, kind, announce]);

  return (
    <>
      <div ref={target} className="picker" />
      {message !== undefined && <p className="state bad message">{message}</p>}
    </>
  );
}
