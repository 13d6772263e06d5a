/** The URL of an object as a store which keeps it fresh, shared by all that show the object. */
import type { Assets, AssetsError, DownloadLink } from "@gridboss/assets";

export interface UrlSnapshot {
  /** `undefined` until there is one; then always the latest, also while it is refreshed. */
  readonly url: string | undefined;
  /** When the URL stops working, in ms as `Date.now()` has them; it is refreshed before. */
  readonly expiresAt: number | undefined;
  /** Why there is no URL that works, or why there will be none after this one. */
  readonly error: AssetsError | undefined;
}

export interface UrlStore {
  subscribe: (listener: () => void) => () => void;
  getSnapshot: () => UrlSnapshot;
  refresh: () => void;
}

export const NO_URL: UrlSnapshot = { url: undefined, expiresAt: undefined, error: undefined };

const NO_STORE: UrlStore = {
  subscribe: () => () => {},
  getSnapshot: () => NO_URL,
  refresh: () => {},
};

const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 60_000;
/** Between two refreshes, so that links with hardly any life don't become a flood of requests. */
const SHORTEST_PAUSE = 1_000;
/** Who has to be refreshed takes along who would have to be within so many ms. */
const TOGETHER = 500;
/** A timer with a longer delay fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What is shown at present, by the `Assets` or the `DownloadLink` that it comes from. */
const shown = new WeakMap<object, Map<string, LiveUrl>>();

/** The store of an object key of `assets`, or of a link; an empty one without a source. */
export function urlStore(
  source: string | DownloadLink | null | undefined,
  assets: Assets | undefined,
): UrlStore {
  if (!source) return NO_STORE;
  if (typeof source !== "string") {
    return shared(source, source.objectKey, () => Promise.resolve(source));
  }
  if (!assets) return NO_STORE;
  return shared(assets, source, (signal) => assets.download(source, { signal }));
}

type Open = (signal: AbortSignal) => Promise<DownloadLink>;

/** Nothing is made before somebody subscribes: React may drop what it only rendered. */
function shared(owner: object, key: string, open: Open): UrlStore {
  const find = () => shown.get(owner)?.get(key);
  return {
    getSnapshot: () => find()?.snapshot ?? NO_URL,
    refresh: () => find()?.refresh(),
    subscribe(listener) {
      const keys = shown.get(owner) ?? new Map<string, LiveUrl>();
      shown.set(owner, keys);
      const live = keys.get(key) ?? new LiveUrl(open);
      keys.set(key, live);
      live.listeners.add(listener);
      live.start();
      return () => {
        live.listeners.delete(listener);
        // Strict mode, and a list that is sorted, subscribe again at once.
        queueMicrotask(() => {
          if (live.listeners.size > 0 || live !== find()) return;
          live.stop();
          keys.delete(key);
        });
      };
    },
  };
}

/** Everything that is kept fresh. Browsers run timers of the same moment some ms apart. */
const alive = new Set<LiveUrl>();

class LiveUrl {
  snapshot = NO_URL;
  // Each subscriber has a function of its own from React.
  readonly listeners = new Set<() => void>();
  readonly #open: Open;
  readonly #life = new AbortController();
  #link: DownloadLink | undefined;
  #loading = false;
  #failures = 0;
  /** When to ask for a link next, as `Date.now()` has it: a timer alone would sleep with the machine. */
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(open: Open) {
    this.#open = open;
  }

  /** Doing it again is fine: the same listeners count once. */
  start(): void {
    alive.add(this);
    const { signal } = this.#life;
    document.addEventListener("visibilitychange", this.#tick, { signal });
    window.addEventListener("pageshow", this.#tick, { signal });
    window.addEventListener("online", this.#online, { signal });
    this.#tick();
  }

  stop(): void {
    alive.delete(this);
    this.#life.abort();
    clearTimeout(this.#timer);
  }

  refresh(): void {
    void this.#load(true);
  }

  readonly #online = (): void => {
    if (this.#failures > 0 && this.#due < Infinity) this.#due = 0;
    this.#tick();
  };

  readonly #tick = (): void => {
    clearTimeout(this.#timer);
    const rest = this.#due - Date.now();
    if (rest <= 0) for (const live of alive) live.#join();
    else if (rest < Infinity) this.#timer = setTimeout(this.#tick, Math.min(rest, LONGEST_TIMER));
  };

  #join(): void {
    if (this.#due <= Date.now() + TOGETHER) void this.#load();
  }

  async #load(forced = false): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const { signal } = this.#life;
    try {
      const url = await this.#sign(forced);
      if (signal.aborted) return;
      this.#failures = 0;
      this.#show({ url, expiresAt: this.#link?.expiresAt, error: undefined });
      this.#due = Math.max(this.#link?.refreshAt ?? Infinity, Date.now() + SHORTEST_PAUSE);
    } catch (cause) {
      if (signal.aborted) return;
      this.#failed(cause as AssetsError); // `Assets` and its links reject with nothing else.
    } finally {
      this.#loading = false;
    }
    this.#tick();
  }

  async #sign(forced: boolean): Promise<string> {
    const known = this.#link;
    this.#link ??= await this.#open(this.#life.signal);
    const isDue = known && Date.now() + TOGETHER >= known.refreshAt;
    if (known && (forced || isDue)) await known.refresh();
    return this.#link.url();
  }

  #failed(error: AssetsError): void {
    const works = this.#link !== undefined && Date.now() < this.#link.expiresAt;
    // While the present URL works, and another try follows, nobody needs to know.
    this.#show({ ...this.snapshot, error: works && error.retryable ? undefined : error });
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures, LONGEST_PAUSE);
    this.#failures += 1;
    this.#due = error.retryable
      ? Date.now() + Math.max(pause, (error.retryAfter ?? 0) * 1000)
      : Infinity;
  }

  #show(snapshot: UrlSnapshot): void {
    this.snapshot = snapshot;
    for (const listener of this.listeners) listener();
  }
}
