/** Links that are asked for in the same turn of the event loop are signed in one request. */
import type { Api } from "./api.js";
import { AssetsError } from "./errors.js";
import type { SignedLink } from "./link.js";
import type { components } from "./schema.js";
import type { Disposition } from "./types.js";
import { stoppable } from "./waiting.js";

type Schemas = components["schemas"];

/** How many keys the service takes in one request. */
const MOST = 500;

/** How the object is served; a request has one for all its keys. */
export interface LinkOptions {
  disposition?: Disposition | undefined;
  filename?: string | undefined;
}

interface Waiter {
  resolve: (link: SignedLink) => void;
  reject: (error: unknown) => void;
}

interface Batch {
  /** By object key, in the order in which they were asked for. */
  readonly waiters: Map<string, Set<Waiter>>;
  /** Ends the request; there is none before it is under way. */
  request?: AbortController;
}

export class Batches {
  /** Those that still take keys, by their options. */
  readonly #open = new Map<string, Batch>();

  constructor(private readonly api: Pick<Api, "request">) {}

  /** Rejects with what concerns this key, or with what ended the request for all of its keys. */
  sign(
    objectKey: string,
    { disposition, filename }: LinkOptions = {},
    signal?: AbortSignal,
  ): Promise<SignedLink> {
    return stoppable<SignedLink>(signal, (resolve, reject) => {
      const batch = this.#batch({ disposition, filename });
      const waiters = batch.waiters.get(objectKey) ?? new Set();
      batch.waiters.set(objectKey, waiters);
      const waiter = { resolve, reject };
      waiters.add(waiter);
      return () => {
        waiters.delete(waiter);
        if (waiters.size === 0) batch.waiters.delete(objectKey);
        if (batch.waiters.size === 0) batch.request?.abort();
      };
    });
  }

  #batch(options: LinkOptions): Batch {
    const id = JSON.stringify(options);
    const open = this.#open.get(id);
    if (open && open.waiters.size < MOST) return open;
    const batch: Batch = { waiters: new Map() };
    this.#open.set(id, batch);
    // No microtask: those run between two listeners of the same event.
    setTimeout(() => {
      if (this.#open.get(id) === batch) this.#open.delete(id);
      void this.#send(batch, options);
    });
    return batch;
  }

  async #send(batch: Batch, options: LinkOptions): Promise<void> {
    const asked = [...batch.waiters];
    // A value without a type, such as `null`, would have the whole request refused.
    const keys = asked.map(([key]) => String(key));
    if (keys.length === 0) return; // each of them was stopped meanwhile
    batch.request = new AbortController();
    try {
      const links = await this.#ask(keys, options, batch.request.signal);
      for (const [index, [, waiters]] of asked.entries()) {
        const link = links[index];
        for (const { resolve, reject } of waiters) {
          if (link && "url" in link) resolve(link);
          else reject(refusal(link));
        }
      }
    } catch (error) {
      for (const [, waiters] of asked) for (const { reject } of waiters) reject(error);
    }
  }

  async #ask(
    keys: string[],
    options: LinkOptions,
    signal: AbortSignal,
  ): Promise<Schemas["DownloadsAnswer"]["links"]> {
    const ask = <T>(body: object, needed: string): Promise<T> =>
      this.api.request("POST", "/uploads/download", { body, signal, needs: [needed] });
    const [objectKey] = keys;
    // The older form for one key: then its errors have the status of their answer.
    if (keys.length === 1) return [await ask({ objectKey, ...options }, "url")];
    const body = { objectKeys: keys, ...options };
    return (await ask<Schemas["DownloadsAnswer"]>(body, "links")).links;
  }
}

const refusal = (entry: Schemas["RefusedLink"] | undefined): AssetsError =>
  new AssetsError(
    entry?.detail.error ?? "unexpected_answer",
    entry?.detail.message ?? "The service answered fewer links than it was asked for.",
  );
