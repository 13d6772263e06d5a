/** Waiting that a signal ends at once, and the decision to try again. */
import { type AssetsError, aborted, type ErrorCode } from "./errors.js";

/**
 * A promise that `signal` rejects at once. `start` settles it and returns what cleans up
 * afterwards, however it ended.
 */
export async function stoppable<T>(
  signal: AbortSignal | undefined,
  start: (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void,
): Promise<T> {
  if (signal?.aborted) throw aborted(signal.reason);
  let stop = () => {};
  let cleanUp = () => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      stop = () => reject(aborted(signal?.reason));
      signal?.addEventListener("abort", stop);
      cleanUp = start(resolve, reject);
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    cleanUp();
  }
}

/** Whether the browser itself says that there is no network. It may be wrong when it says nothing. */
export const isOffline = (): boolean => globalThis.navigator?.onLine === false;

/** @internal */
export const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  stoppable(signal, (resolve) => {
    const timer = setTimeout(resolve, ms);
    return () => clearTimeout(timer);
  });

/** Resolves to whether the network came back within `ms`. */
const online = (ms: number, signal: AbortSignal | undefined): Promise<boolean> =>
  stoppable(signal, (resolve) => {
    const back = () => resolve(true);
    const timer = setTimeout(() => resolve(!isOffline()), ms);
    addEventListener("online", back);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", back);
    };
  });

export interface Patience {
  /** How often to try. */
  tries: number;
  /** The longest wait for the network or the server, in ms. */
  maxWait: number;
}

/** How often some errors are met before they are final; others as often as `tries` says. */
const LIMITS: Partial<Record<ErrorCode, number>> = {
  cors: 2, // a preflight may fail once for reasons that pass
  expired: 2, // a new signature helps at once or not at all
  object_not_found: 2,
};

/** The tries of one step. */
export class Tries {
  #failed = 0;
  readonly #failedWith = new Map<ErrorCode, number>();

  constructor(
    private readonly patience: Patience,
    private readonly signal?: AbortSignal | undefined,
    /** Called with `true` when a wait begins, and with `false` when the next try does. */
    private readonly onWait?: ((waiting: boolean) => void) | undefined,
  ) {}

  /**
   * Wait until it makes sense to try again after `error`, or throw it: when waiting can't help,
   * when the server asks for more patience than there is, or after the last try. A try that failed
   * because the network was away does not count.
   */
  async again(error: AssetsError): Promise<void> {
    const { tries, maxWait } = this.patience;
    const asked = (error.retryAfter ?? 0) * 1000;
    if (!error.retryable || error.code === "aborted" || asked > maxWait) throw error;
    if (error.code === "network" && isOffline()) {
      this.onWait?.(true);
      if (!(await online(maxWait, this.signal))) throw error;
      this.onWait?.(false);
      return;
    }
    this.#failed += 1;
    const alike = (this.#failedWith.get(error.code) ?? 0) + 1;
    this.#failedWith.set(error.code, alike);
    if (this.#failed >= tries || alike >= (LIMITS[error.code] ?? tries)) throw error;
    this.onWait?.(true);
    // Half a second, then twice as long each time, shortened at random so that many clients that
    // failed together do not come back together.
    const backoff = 500 * 2 ** (this.#failed - 1) * (0.5 + Math.random() / 2);
    await pause(Math.max(asked, Math.min(backoff, maxWait)), this.signal);
    this.onWait?.(false);
  }
}

/** @internal What a page's own callback throws is reported, and is not the call's. */
export const safely =
  <T extends unknown[]>(callback: ((...values: T) => void) | undefined) =>
  (...values: T): void => {
    try {
      callback?.(...values);
    } catch (error) {
      reportError(error);
    }
  };
