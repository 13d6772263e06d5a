/** An export that stands in the bucket, with a link that stays fresh. */
import type { AssetsError, UploadedAsset } from "@gridboss/assets";
import { useAssets, useAssetUrl } from "@gridboss/assets/react";
import { useId, useState } from "react";
import { useAnnounce } from "../announce.js";
import { clock, size } from "../format.js";
import { useIsGone, useRetryWithToken } from "../links.js";
import type { AssetRecord } from "../records.js";

interface Props {
  record: AssetRecord;
  asset: UploadedAsset | undefined;
  onGone: () => void;
}

export function Sealed({ record, asset, onGone }: Props) {
  const assets = useAssets();
  const announce = useAnnounce();
  const { url, expiresAt, error, refresh } = useAssetUrl(asset?.link ?? record.objectKey);
  useRetryWithToken(error, refresh);
  const gone = useIsGone(url, asset === undefined); // what was just sealed needs no look
  const [trouble, setTrouble] = useState<string>();
  const name = useId();

  const forget = () => {
    announce(`${record.name} is off the list.`);
    onGone();
  };
  const remove = async () => {
    try {
      await assets.remove(record.objectKey);
      announce(`${record.name} is deleted.`);
      onGone();
    } catch (failed) {
      setTrouble((failed as AssetsError).message); // it rejects with nothing else
      announce(`${record.name} was not deleted. ${(failed as AssetsError).message}`);
    }
  };

  const problem = gone ? "No longer in the bucket." : (trouble ?? error?.message);
  return (
    <>
      <div className="line">
        <b className="name" id={name}>
          {record.name}
        </b>
        <span className="size">{size(record.size)}</span>
      </div>
      <div className="line">
        {problem === undefined ? (
          <p className="state good">
            Sealed
            {expiresAt && <span className="quiet"> · link valid until {clock(expiresAt)}</span>}
          </p>
        ) : (
          <p className="state bad">{problem}</p>
        )}
        <div className="actions">
          {url && !gone && (
            <a className="button" href={url} aria-describedby={name}>
              Download
            </a>
          )}
          {!gone && (
            <button type="button" onClick={() => void remove()} aria-describedby={name}>
              Delete
            </button>
          )}
          {problem !== undefined && (
            <button type="button" onClick={forget} aria-describedby={name}>
              Take off the list
            </button>
          )}
        </div>
      </div>
    </>
  );
}
