/** The hooks as an application has them: one upload, and pictures of keys that stand in the address. */
import type { DownloadLink } from "@gridboss/assets";
import { AssetsProvider, useAssetUrl, useUpload } from "@gridboss/assets/react";
import { StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { assetsOfAddress } from "./options.js";

/** Everything that `useUpload` has shown, in order. */
const shown: { state: string; progress: number }[] = [];
window.shown = shown;

function Upload() {
  const { state, progress, error, result, upload, abort, retry } = useUpload("avatar");
  useEffect(() => {
    shown.push({ state, progress });
  }, [state, progress]);
  return (
    <section>
      <label>
        File
        <input
          type="file"
          onChange={({ target: { files } }) => files?.[0] && void upload(files[0])}
        />
      </label>
      <button type="button" onClick={abort}>
        Abort
      </button>
      <button type="button" onClick={() => void retry()}>
        Retry
      </button>
      <output>{state}</output>
      {error && <p role="alert">{error.message}</p>}
      {result && <Picture name="Uploaded" source={result.link} />}
    </section>
  );
}

function Picture({ name, source }: { name: string; source: string | DownloadLink }) {
  const { url, error } = useAssetUrl(source);
  if (error) return <p role="alert">{error.message}</p>;
  return url ? <img alt={name} src={url} /> : null;
}

const query = new URLSearchParams(location.search);
const key = query.get("key");
const keys = query.get("keys")?.split(",") ?? [];

createRoot(document.querySelector("#root") as Element).render(
  <StrictMode>
    <AssetsProvider assets={assetsOfAddress()}>
      <Upload />
      {key && <Picture name="First" source={key} />}
      {key && <Picture name="Second" source={key} />}
      {keys.map((each) => (
        <Picture key={each} name={each} source={each} />
      ))}
    </AssetsProvider>
  </StrictMode>,
);

declare global {
  interface Window {
    shown: typeof shown;
  }
}
