import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { POLL_MS, useLive } from "@/lib/live";
import { QueryClient, QueryClientProvider } from "@/lib/query/client";

/** Stands in for the browser's stream, which jsdom does not have. */
class Stream extends EventTarget {
  static readonly CONNECTING = 0;
  static all: Stream[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    Stream.all.push(this);
  }
  open() { this.readyState = 1; this.onopen?.(); }
  fail(readyState: 0 | 2) { this.readyState = readyState; this.onerror?.(); }
  close() { this.readyState = 2; }
}

function start() {
  const queries = new QueryClient();
  const refreshed = vi.spyOn(queries, "invalidateQueries").mockResolvedValue();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const { result, unmount } = renderHook(() => useLive(true), { wrapper });
  const stream = Stream.all.at(-1);
  if (!stream) throw new Error("no stream was opened");
  return { mode: () => result.current, refreshed, stream, unmount };
}

function look(hidden: boolean) {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
}

beforeEach(() => {
  vi.useFakeTimers();
  Stream.all = [];
  vi.stubGlobal("EventSource", Stream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the live connection", () => {
  it("asks again when the server says that something changed", () => {
    const { mode, refreshed, stream } = start();
    act(() => stream.open());
    expect(mode()).toBe("stream");
    stream.dispatchEvent(new Event("version"));
    vi.advanceTimersByTime(1);
    expect(refreshed).toHaveBeenCalledTimes(1);
  });

  it("polls when the stream is refused, and tries the stream again later", () => {
    const { mode, refreshed, stream } = start();
    act(() => stream.fail(2));
    expect(mode()).toBe("poll");
    vi.advanceTimersByTime(3 * POLL_MS);
    expect(refreshed).toHaveBeenCalledTimes(3);
    act(() => void vi.advanceTimersByTime(30_000));
    expect(Stream.all).toHaveLength(2);
  });

  it("stops polling as soon as an interrupted stream is back", () => {
    const { mode, refreshed, stream } = start();
    act(() => stream.fail(0));
    expect(mode()).toBe("poll");
    act(() => stream.open());
    vi.advanceTimersByTime(10 * POLL_MS);
    expect(mode()).toBe("stream");
    expect(refreshed).not.toHaveBeenCalled();
    expect(Stream.all).toHaveLength(1);
  });

  it("rests while the page is hidden and catches up when it is seen again", () => {
    const { refreshed, stream } = start();
    look(true);
    expect(stream.readyState).toBe(2);
    vi.advanceTimersByTime(10 * POLL_MS);
    expect(refreshed).not.toHaveBeenCalled();
    look(false);
    expect(refreshed).toHaveBeenCalledTimes(1);
    expect(Stream.all).toHaveLength(2);
  });
});
