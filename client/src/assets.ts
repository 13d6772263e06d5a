/** `createAssets`: the calls of a page. */
import { Api, type ApiRequest } from "./api.js";
import { AssetsError, aborted } from "./errors.js";
import { changed, isReadable } from "./file.js";
import { nameOf, refuse } from "./limits.js";
import type { components } from "./schema.js";
import type { Assets, AssetsOptions, Kind } from "./types.js";
import { upload } from "./upload.js";
import { safely, stoppable } from "./waiting.js";

type Kinds = components["schemas"]["KindsAnswer"];

/** Make the client of one service. It does nothing until it is called. */
export function createAssets(setup: AssetsOptions): Assets {
  const api = new Api(setup);
  const limits = remembered(api);

  async function check(
    file: Blob,
    { kind: wanted, filename, signal, onStep }: Parameters<Assets["check"]>[1],
  ): Promise<string> {
    onStep?.("checking");
    const onWait = (waiting: boolean) => onStep?.(waiting ? "waiting" : "checking");
    const { method, kinds } = await limits({ signal, onWait });
    if (!method) throw new AssetsError("s3_not_enabled", "Uploads are switched off here.");
    const kind: Kind | undefined = kinds.find(({ name }) => name === wanted);
    if (!kind) {
      const names = kinds.map(({ name }) => name).join(", ");
      throw new AssetsError(
        "unsupported_kind",
        `There is no kind "${wanted}". Use one of: ${names}.`,
      );
    }
    const name = nameOf(file, filename, kind);
    if (file.size === 0 && !(await isReadable(file))) throw changed();
    refuse(file, name, kind);
    return name;
  }

  const assets: Assets = {
    async upload(file, { onProgress, onStep, ...rest }) {
      const options = { ...rest, onProgress: safely(onProgress), onStep: safely(onStep) };
      const filename = await check(file, options);
      const done = await upload(api, file, filename, options);
      return { ...done, link: api.link(done.objectKey, done, Date.now()) };
    },
    async check(file, { onStep, ...rest }) {
      await check(file, { ...rest, onStep: safely(onStep) });
    },
    async download(objectKey, { signal, ...options } = {}) {
      const since = Date.now();
      return api.link(objectKey, await api.sign(objectKey, options, signal), since, options);
    },
    async downloadMany(objectKeys, options) {
      const links = await Promise.all(
        objectKeys.map((key) => assets.download(key, options).catch((error: AssetsError) => error)),
      );
      if (options?.signal?.aborted) throw aborted(options.signal.reason);
      return links;
    },
    permalink: (objectKey) => api.permalink(objectKey),
    remove(objectKey, { signal } = {}) {
      return api.request("DELETE", "/uploads", { body: { objectKey }, signal });
    },
    async kinds(request = {}) {
      return (await limits(request)).kinds;
    },
  };
  apis.set(assets, api);
  return assets;
}

const apis = new WeakMap<Assets, Api>();

/** @internal What the package's other entries ask the same service with. */
export function apiOf(assets: Assets): Api {
  const api = apis.get(assets);
  if (api) return api;
  throw new TypeError("Give what createAssets() returned.");
}

/** The limits for as long as the server allows; who asks meanwhile shares one request. */
function remembered(api: Api): (request: ApiRequest) => Promise<Kinds> {
  let known: Kinds | undefined;
  let until = 0;
  let asked: Promise<Kinds> | undefined;
  const waiters = new Set<ApiRequest["onWait"]>();

  async function ask(): Promise<Kinds> {
    const since = Date.now();
    const onWait = (waiting: boolean) => {
      for (const tell of waiters) tell?.(waiting);
    };
    try {
      known = await api.request<Kinds>("GET", "/uploads/kinds", { onWait, needs: ["kinds"] });
      until = since + known.expiresIn * 1000;
      return known;
    } finally {
      asked = undefined;
    }
  }

  return async ({ signal, onWait }) => {
    if (known && Date.now() < until) return known;
    return stoppable(signal, (resolve, reject) => {
      waiters.add(onWait);
      asked ??= ask();
      asked.then(resolve, reject);
      return () => waiters.delete(onWait);
    });
  };
}
