/** One question to the server, and what is known of its answer. */

import { share } from "./share";

export type QueryKey = readonly unknown[];

/** What is shown of an answer; a new object only where one of the three has changed, so that nothing else is drawn again. */
export interface Shown {
  /** The last good answer; still there when a later one failed, and then old. */
  readonly data: unknown;
  /** The last attempt failed. It stays true while the next attempt is on its way. */
  readonly failed: boolean;
  readonly error: unknown;
}

const NOTHING: Shown = { data: undefined, failed: false, error: null };
const KEPT_MS = 300_000; // an answer that nobody looks at is forgotten after so long

export class Entry {
  /** When the last good answer came, in ms; 0 where none did. */
  updatedAt = 0;
  private ask: (() => Promise<unknown>) | null = null;
  private state = NOTHING;
  private outdated = false;
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private generation = 0;
  private observers = 0;
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly queryKey: QueryKey,
    private readonly onError: (error: unknown, entry: Entry) => void,
    private readonly forget: () => void,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly shown = (): Shown => this.state;
  readonly isFetching = (): boolean => this.running !== null;

  /** Learn how it is asked from now on. */
  askBy(ask: () => Promise<unknown>): void {
    this.ask = ask;
  }

  /** Somebody looks at it, until the returned function is called. */
  observe(): () => void {
    clearTimeout(this.leaving);
    this.observers += 1;
    return () => {
      this.observers -= 1;
      if (this.observers === 0) this.leaving = setTimeout(this.forget, KEPT_MS);
    };
  }

  get observed(): boolean {
    return this.observers > 0;
  }

  /** Whether there is nothing younger than so many ms. A refusal without any answer is not asked again by merely looking. */
  isOlderThan(ms: number): boolean {
    if (this.state.failed && this.state.data === undefined) return false;
    return this.outdated || this.updatedAt === 0 || Date.now() - this.updatedAt >= ms;
  }

  /** Ask now; who asks while the answer is on its way gets that one. */
  fetch(): Promise<void> {
    if (this.running) return this.running;
    if (!this.ask) return Promise.resolve();
    const { generation } = this;
    const ifCurrent = (act: () => void) => void (generation === this.generation && act());
    this.running = this.ask()
      .then((data) => ifCurrent(() => this.accept(data)), (error: unknown) => ifCurrent(() => this.refuse(error)))
      .finally(() => ifCurrent(() => this.end()));
    this.tell();
    return this.running;
  }

  /** The answer is old: ask again where somebody looks. One that is on its way may be old as well, so it is followed by another. */
  invalidate(): Promise<void> {
    this.outdated = true;
    if (!this.observed) return Promise.resolve();
    if (!this.running) return this.fetch();
    this.next ??= this.running.then(() => {
      this.next = null;
      return this.fetch();
    });
    return this.next;
  }

  accept(data: unknown): void {
    this.updatedAt = Date.now();
    this.outdated = false;
    this.show({ data: share(this.state.data, data), failed: false, error: null });
  }

  /** Forget the answer, and the one that is on its way. */
  reset(): void {
    this.generation += 1;
    this.updatedAt = 0;
    this.running = this.next = null;
    this.show(NOTHING);
  }

  private end(): void {
    this.running = null;
    this.tell();
  }

  private refuse(error: unknown): void {
    this.show({ ...this.state, failed: true, error });
    this.onError(error, this);
  }

  private show(state: Shown): void {
    const { data, failed, error } = this.state;
    if (state.data === data && state.failed === failed && state.error === error) return;
    this.state = state;
    this.tell();
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}
