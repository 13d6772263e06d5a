/** An upload under way, or one that failed. */
import type { UploadedAsset } from "@gridboss/assets";
import { type UploadState, useUpload } from "@gridboss/assets/react";
import { useEffect, useId } from "react";
import { useAnnounce } from "../announce.js";
import { percent, size } from "../format.js";

interface Props {
  file: File;
  onDone: (asset: UploadedAsset) => void;
  onGone: () => void;
}

const SAYS: Record<UploadState, string> = {
  idle: "",
  checking: "Checking…",
  signing: "Signing…",
  sending: "Sending to the bucket",
  completing: "Inspecting and sealing…",
  waiting: "Waiting for the network…",
  done: "Sealed",
  failed: "Failed",
  aborted: "Cancelled",
};

export function Uploading({ file, onDone, onGone }: Props) {
  const announce = useAnnounce();
  const { upload, retry, abort, state, progress, error } = useUpload("export", {
    onDone: (asset) => {
      announce(`${file.name} is uploaded and sealed.`);
      onDone(asset);
    },
    onError: (failed) => announce(`${file.name} was not uploaded. ${failed.message}`),
  });
  useEffect(() => void upload(file), [upload, file]);
  const name = useId();
  const over = state === "failed" || state === "aborted";

  return (
    <>
      <div className="line">
        <b className="name" id={name}>
          {file.name}
        </b>
        <span className="size">{size(file.size)}</span>
      </div>
      {!over && <progress max={1} value={progress} aria-labelledby={name} />}
      <div className="line">
        <p className={over ? "state bad" : "state"} data-state={state}>
          {error ? error.message : SAYS[state]}
          {state === "sending" && <span className="percent"> {percent(progress)}</span>}
        </p>
        <div className="actions">
          {!over && (
            <button type="button" onClick={abort} aria-describedby={name}>
              Cancel
            </button>
          )}
          {(state === "aborted" || error?.retryable) && (
            <button type="button" onClick={() => void retry()} aria-describedby={name}>
              Retry
            </button>
          )}
          {over && (
            <button type="button" onClick={onGone} aria-describedby={name}>
              Dismiss
            </button>
          )}
        </div>
      </div>
    </>
  );
}
