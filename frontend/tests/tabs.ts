import { vi } from "vitest";

/** Stands in for the browser's stream, which jsdom does not have. */
export class Stream extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    Stream.all.push(this);
  }
  static get living(): Stream[] { return Stream.all.filter((stream) => stream.readyState !== Stream.CLOSED); }
  open() { this.readyState = 1; this.onopen?.(); }
  fail(readyState: 0 | 2) { this.readyState = readyState; this.onerror?.(); }
  close() { this.readyState = Stream.CLOSED; }
}

/** Carries messages among the tabs of one browser, at once and never to the sender. A tab that crashed neither hears nor speaks. */
class Channel {
  static all = new Set<Channel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(readonly name: string) { Channel.all.add(this); }
  postMessage(data: unknown) {
    if (!Channel.all.has(this)) return;
    for (const other of [...Channel.all]) if (other !== this && other.name === this.name) other.onmessage?.({ data });
  }
  close() { Channel.all.delete(this); }
}

/** Let the tab that opened the channels since `before` crash: its timers go on, but nothing reaches anybody. */
export function crash(channels: Iterable<object>): void {
  for (const channel of channels) Channel.all.delete(channel as Channel);
}

export function openChannels(): object[] {
  return [...Channel.all];
}

export function oneBrowser(): void {
  Stream.all = [];
  Channel.all.clear();
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("BroadcastChannel", Channel);
}

export function noBrowser(): void {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}

/** The browser's locks, as far as one exclusive lock of each name goes. */
export function locks() {
  const queues = new Map<string, Promise<unknown>>();
  const request = (name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<unknown>) => {
    const turn = (queues.get(name) ?? Promise.resolve()).then(() => {
      if (signal.aborted) throw new DOMException("left", "AbortError");
      return hold();
    });
    queues.set(name, turn.catch(() => undefined));
    return turn;
  };
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator), { locks: { request } }));
}
