/** `createAssets`: the four calls of a page. */
import { Api } from "./api.js";
import { AssetsError } from "./errors.js";
import { nameOf, refuse } from "./limits.js";
import { DownloadLink, type SignedLink } from "./link.js";
import type { components } from "./schema.js";
import type { Assets, AssetsOptions, Kind, RequestOptions } from "./types.js";
import { upload } from "./upload.js";

type Kinds = components["schemas"]["KindsAnswer"];

/** Make the client of one service. It does nothing until it is called. */
export function createAssets(options: AssetsOptions): Assets {
  const api = new Api(options);
  let known: (Kinds & { until: number }) | undefined;

  async function limits(request: RequestOptions & { onWait?: () => void }): Promise<Kinds> {
    if (!known || Date.now() > known.until) {
      const since = Date.now();
      const answer = await api.request<Kinds>("GET", "/uploads/kinds", request);
      known = { ...answer, until: since + answer.expiresIn * 1000 };
    }
    return known;
  }

  async function checked(
    file: Blob,
    { kind: name, filename, signal }: Parameters<Assets["check"]>[1],
    onWait?: () => void,
  ): Promise<string> {
    const { method, kinds } = await limits({ signal, ...(onWait && { onWait }) });
    if (!method) throw new AssetsError("s3_not_enabled", "Uploads are switched off here.");
    const kind: Kind | undefined = kinds.find((each) => each.name === name);
    if (!kind) {
      const names = kinds.map((each) => each.name).join(", ");
      throw new AssetsError(
        "unsupported_kind",
        `There is no kind "${name}". Use one of: ${names}.`,
      );
    }
    const fullName = nameOf(file, filename, kind);
    refuse(file, fullName, kind);
    return fullName;
  }

  const sign = (objectKey: string, { signal }: RequestOptions = {}) =>
    api.request<SignedLink>("POST", "/uploads/download", { body: { objectKey }, signal });

  const link = (objectKey: string, current: SignedLink, since: number) =>
    new DownloadLink(objectKey, current, since, () => sign(objectKey));

  return {
    async upload(file, upTo) {
      upTo.onStep?.("checking");
      const filename = await checked(file, upTo, () => upTo.onStep?.("waiting"));
      const done = await upload(api, file, filename, upTo);
      return { ...done, link: link(done.objectKey, done, Date.now()) };
    },
    async check(file, upTo) {
      await checked(file, upTo);
    },
    async download(objectKey, request) {
      const since = Date.now();
      return link(objectKey, await sign(objectKey, request), since);
    },
    async remove(objectKey, { signal } = {}) {
      await api.request("DELETE", "/uploads", { body: { objectKey }, signal });
    },
    async kinds(request = {}) {
      return (await limits(request)).kinds;
    },
  };
}
