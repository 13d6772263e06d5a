/** The driver's avatar: the picture of now, what is known of it, and the place to change it. */
import type { AssetsError, Kind, UploadedAsset } from "@gridboss/assets";
import { useAssets, useAssetUrl } from "@gridboss/assets/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useAnnounce } from "../announce.js";
import { Fact, Facts, LinkFact } from "../facts.js";
import { size } from "../format.js";
import { useRetryWithToken } from "../links.js";
import { type AssetRecord, toRecord } from "../records.js";
import { type Comparison, compare } from "./compare.js";
import { Picker } from "./Picker.js";
import { Picture } from "./Picture.js";

interface Props {
  kind: Kind;
  record: AssetRecord | null;
  keep: (record: AssetRecord | null) => void;
}

export function Avatar({ kind, record, keep }: Props) {
  const assets = useAssets();
  const announce = useAnnounce();
  const [fresh, setFresh] = useState<{ asset: UploadedAsset; sent: Blob }>();
  const [trouble, setTrouble] = useState<string>();
  const title = useRef<HTMLHeadingElement>(null);
  const asset = fresh && fresh.asset.objectKey === record?.objectKey ? fresh.asset : undefined;
  const { url, expiresAt, error, refresh } = useAssetUrl(asset?.link ?? record?.objectKey);
  useRetryWithToken(error, refresh);

  const uploaded = (done: UploadedAsset, name: string, sent: Blob) => {
    const former = record?.objectKey;
    setFresh({ asset: done, sent });
    setTrouble(undefined);
    keep(toRecord(done, name));
    announce("The avatar is uploaded and sealed.");
    // Nothing refers to the one before any more. If it stays, it only takes up room.
    if (former !== undefined) assets.remove(former).catch(() => {});
  };
  const remove = async () => {
    if (record === null) return;
    try {
      await assets.remove(record.objectKey);
      announce("The avatar is deleted.");
      forget();
    } catch (failed) {
      setTrouble((failed as AssetsError).message); // it rejects with nothing else
    }
  };
  const forget = () => {
    setTrouble(undefined);
    keep(null);
    title.current?.focus(); // the button that had the focus is gone
  };

  return (
    <section aria-labelledby="avatar-title">
      <h2 id="avatar-title" ref={title} tabIndex={-1}>
        Driver’s avatar
      </h2>
      <div className="avatar">
        <Picture url={url} name={record?.name} forget={forget} />
        <div className="about">
          {record ? (
            <AvatarFacts record={record} expiresAt={expiresAt} fresh={asset && fresh} />
          ) : (
            <Nobody />
          )}
          {(trouble ?? error) && (
            <p className="state bad" role="alert">
              {trouble ?? error?.message}
            </p>
          )}
          {record && (
            <button type="button" onClick={() => void remove()}>
              Remove
            </button>
          )}
        </div>
      </div>
      <Picker kind={kind} onUploaded={uploaded} />
    </section>
  );
}

const Nobody = () => <p className="quiet">No picture yet. Choose one below.</p>;

interface FactsProps {
  record: AssetRecord;
  expiresAt: number | undefined;
  fresh: { asset: UploadedAsset; sent: Blob } | undefined;
}

function AvatarFacts({ record, expiresAt, fresh }: FactsProps) {
  const [found, setFound] = useState<Comparison>();
  const look = useCallback(async () => {
    setFound(undefined);
    if (fresh) setFound(await compare(fresh.sent, fresh.asset.url));
  }, [fresh]);
  useEffect(() => void look(), [look]);

  return (
    <Facts>
      {fresh && <Fact name="Sent">{size(fresh.sent.size) + said(found?.before)}</Fact>}
      <Fact name={fresh ? "Got back" : "Picture"}>
        {size(record.size)}, {record.contentType}
        {fresh && said(found?.after)}
      </Fact>
      <Fact name="Key">
        <code>{record.objectKey}</code>
      </Fact>
      <LinkFact expiresAt={expiresAt} />
    </Facts>
  );
}

const said = (position: boolean | undefined): string =>
  position === undefined ? "" : `, ${position ? "with" : "without"} a GPS position`;
