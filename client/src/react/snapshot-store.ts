/** One thing at a time as a store for React: it goes on for as long as somebody subscribes. */
export abstract class SnapshotStore<Snapshot extends object> {
  #snapshot: Snapshot;
  #unmounted = false;
  readonly #listeners = new Set<() => void>();

  constructor(initial: Snapshot) {
    this.#snapshot = initial;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#unmounted = false;
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      // Strict mode and Fast Refresh subscribe again at once: that is no reason to stop.
      queueMicrotask(() => {
        if (this.#listeners.size > 0) return;
        this.leave();
        this.#unmounted = true;
      });
    };
  };

  readonly getSnapshot = (): Snapshot => this.#snapshot;

  /** Nobody subscribes any more: nothing may begin. */
  protected get unmounted(): boolean {
    return this.#unmounted;
  }

  protected set(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Stop what goes on. */
  protected abstract leave(): void;
}
