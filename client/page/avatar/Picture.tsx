/** The round picture, or what stands in its place. */
import { useEffect, useState } from "react";
import { isGone } from "../links.js";

interface Props {
  url: string | undefined;
  name: string | undefined;
  /** Drop the record of a picture that is no longer there. */
  forget: () => void;
}

export function Picture({ url, name, forget }: Props) {
  const [trouble, setTrouble] = useState<"gone" | "unseen">();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another URL may work
  useEffect(() => setTrouble(undefined), [url]);

  const failed = async () => {
    if (url !== undefined) setTrouble((await isGone(url)) ? "gone" : "unseen");
  };

  return (
    <div className="picture">
      {url !== undefined && trouble === undefined ? (
        <img
          src={url}
          alt={`The driver’s avatar, ${name}`}
          width="144"
          height="144"
          onError={() => void failed()}
        />
      ) : (
        <Helmet />
      )}
      {trouble === "gone" && (
        <p className="state bad" role="status">
          This picture is no longer in the bucket.{" "}
          <button type="button" onClick={forget}>
            Forget it
          </button>
        </p>
      )}
      {trouble === "unseen" && (
        <p className="state bad" role="status">
          The picture can’t be loaded just now.
        </p>
      )}
    </div>
  );
}

function Helmet() {
  return (
    <svg className="nobody" viewBox="0 0 144 144" role="img" aria-label="No picture">
      <circle cx="72" cy="72" r="72" className="ground" />
      <path
        className="shell"
        d="M72 34c-24 0-40 17-40 41 0 14 4 26 7 33h58c4 0 7-2 9-5 4-8 6-17 6-28 0-24-16-41-40-41z"
      />
      <path className="visor" d="M62 64h48c1 4 2 8 2 12v9H68c-6 0-10-4-10-10v-7c0-2 2-4 4-4z" />
      <path className="stripe" d="M72 34c4 0 8 .5 11 1.4L75 54h-9l-5-18.7c3.5-.9 7-1.3 11-1.3z" />
    </svg>
  );
}
