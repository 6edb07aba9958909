import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { laterApi } from "@/lib/laterApi";
import { POLL_MS, retryMs, SILENT_MS } from "@/lib/live/connection";
import { useLive } from "@/lib/live/useLive";
import { QueryClient, QueryClientProvider } from "@/lib/query/client";
import { noBrowser, oneBrowser, Stream } from "./tabs";

function start() {
  const queries = new QueryClient();
  const refreshed = vi.spyOn(queries, "invalidateQueries").mockResolvedValue();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const { result, unmount } = renderHook(() => useLive(true), { wrapper });
  const stream = Stream.all.at(-1);
  if (!stream) throw new Error("no stream was opened");
  return { mode: () => result.current, refreshed, stream, unmount };
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

function look(hidden: boolean) {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
}

let answers = true;
beforeEach(() => {
  oneBrowser();
  vi.stubGlobal("BroadcastChannel", undefined); // a tab by itself
  answers = true;
  vi.spyOn(laterApi, "answers").mockImplementation(() => Promise.resolve(answers));
});
afterEach(noBrowser);

describe("the live connection", () => {
  it("asks again when the server says that something changed", () => {
    const { mode, refreshed, stream } = start();
    act(() => stream.open());
    expect(mode()).toBe("stream");
    stream.dispatchEvent(new Event("version"));
    vi.advanceTimersByTime(1);
    expect(refreshed).toHaveBeenCalledTimes(1);
  });

  it("polls where streams are refused, and tries the stream again later", async () => {
    const { mode, refreshed, stream } = start();
    act(() => stream.fail(2));
    await pass(1);
    expect(mode()).toBe("poll");
    refreshed.mockClear();
    await pass(3 * POLL_MS);
    expect(refreshed).toHaveBeenCalledTimes(3);
    expect(Stream.all).toHaveLength(1);
    await pass(30_000);
    expect(Stream.all).toHaveLength(2);
  });

  it("opens an interrupted stream anew at once where the server answers", async () => {
    const { mode, stream } = start();
    act(() => stream.open());
    act(() => stream.fail(0));
    await pass(1100);
    expect(Stream.living).toHaveLength(1);
    act(() => Stream.living[0]?.open());
    expect(mode()).toBe("stream");
  });

  it("says that the server is lost, asks ever more rarely, and is back with its first answer", async () => {
    const { mode, refreshed, stream } = start();
    act(() => stream.open());
    answers = false;
    act(() => stream.fail(0));
    await pass(1);
    expect(mode()).toBe("lost");
    await pass(1);
    expect(refreshed).toHaveBeenCalledTimes(1); // so that all parts of the page learn it
    await pass(60_000);
    expect(vi.mocked(laterApi.answers).mock.calls.length).toBeLessThan(11);
    expect(vi.mocked(laterApi.answers).mock.calls.length).toBeGreaterThan(4);
    answers = true;
    await pass(18_000);
    expect(Stream.living).toHaveLength(1);
    act(() => Stream.living[0]?.open());
    expect(mode()).toBe("stream");
    expect(refreshed.mock.calls.length).toBeGreaterThan(1);
  });

  it("does not trust a stream that has been silent for too long", async () => {
    const { mode, stream } = start();
    act(() => stream.open());
    await pass(SILENT_MS - 1000);
    stream.dispatchEvent(new Event("alive"));
    await pass(SILENT_MS - 1000);
    expect(mode()).toBe("stream");
    answers = false;
    await pass(2000);
    expect(mode()).toBe("lost");
    expect(stream.readyState).toBe(2);
  });

  it("notices at once that the network is gone, and that it is back", async () => {
    const { mode, stream } = start();
    act(() => stream.open());
    answers = false;
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    window.dispatchEvent(new Event("offline"));
    await pass(1);
    expect(mode()).toBe("lost");
    await pass(30_000);
    answers = true;
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(true);
    window.dispatchEvent(new Event("online"));
    await pass(1);
    expect(Stream.living).toHaveLength(1);
  });

  it("rests while the page is hidden and catches up when it is seen again", async () => {
    const { refreshed, stream } = start();
    act(() => stream.open());
    look(true);
    expect(stream.readyState).toBe(2);
    await pass(10 * POLL_MS);
    expect(refreshed).not.toHaveBeenCalled();
    look(false);
    expect(refreshed).toHaveBeenCalledTimes(1);
    expect(Stream.living).toHaveLength(1);
  });
});

describe("the pause between attempts", () => {
  it("doubles up to 15 s, each a fifth more or less", () => {
    expect([1, 2, 3, 4, 5, 9].map((failures) => retryMs(failures, 0.5))).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect([retryMs(1, 0), retryMs(1, 1)].map(Math.round)).toEqual([800, 1200]);
  });
});
