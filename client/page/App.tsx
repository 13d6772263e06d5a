import type { AssetsError, Kind } from "@gridboss/assets";
import { useAssets } from "@gridboss/assets/react";
import { useCallback, useEffect, useState } from "react";
import { Avatar } from "./avatar/Avatar.js";
import { Exports } from "./exports/Exports.js";
import { Footer, Header, Notice, SignIn } from "./frame.js";
import { useRecords } from "./records.js";

interface Setup {
  readonly bucket: string;
  readonly signIn: boolean;
  readonly kinds: readonly Kind[];
}

export function App() {
  const { setup, trouble, load } = useSetup();
  return (
    <>
      <Header bucket={setup?.bucket} />
      <main>
        {setup && (setup.signIn ? <SignIn /> : <Anonymous />)}
        {trouble !== undefined && (
          <Notice role="alert">
            {trouble}{" "}
            <button type="button" onClick={load}>
              Try again
            </button>
          </Notice>
        )}
        {setup && <Sections {...setup} />}
      </main>
      <Footer />
    </>
  );
}

function Anonymous() {
  return (
    <Notice>
      This server runs <b>without sign-in</b>: everybody who reaches it is the caller{" "}
      <code>dev</code>.
    </Notice>
  );
}

function Sections({ bucket, kinds }: Setup) {
  const [records, update] = useRecords(bucket);
  const avatar = kinds.find(({ name }) => name === "avatar");
  const exports = kinds.find(({ name }) => name === "export");
  return (
    <div className="sections">
      {avatar && (
        <Avatar
          kind={avatar}
          record={records.avatar}
          keep={(record) => update((all) => ({ ...all, avatar: record }))}
        />
      )}
      {exports && (
        <Exports
          kind={exports}
          records={records.exports}
          keep={(change) => update((all) => ({ ...all, exports: change(all.exports) }))}
        />
      )}
    </div>
  );
}

function useSetup() {
  const assets = useAssets();
  const [setup, setSetup] = useState<Setup>();
  const [trouble, setTrouble] = useState<string>();
  const load = useCallback(() => {
    setTrouble(undefined);
    Promise.all([readConfig(), assets.kinds()])
      .then(([config, kinds]) => setSetup({ ...config, kinds }))
      .catch((error: Error | AssetsError) => setTrouble(error.message));
  }, [assets]);
  useEffect(load, [load]);
  return { setup, trouble, load };
}

async function readConfig(): Promise<Omit<Setup, "kinds">> {
  const answer = await fetch("/page/config.json").catch(() => null);
  if (answer?.ok) return answer.json();
  throw new Error("The API can't be reached. Is `gridboss-assets dev` still running?");
}
