import { act, render, renderHook, screen } from "@testing-library/react";
import { Profiler, type ReactElement } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { columnsOf } from "@/features/plugin/columns";
import { InWords } from "@/features/plugin/InWords";
import { When } from "@/components/optimization/When";
import { latestOf } from "@/lib/gaps";
import { LanguageProvider, MoreTexts } from "@/lib/i18n/context";
import { useFromNow } from "@/lib/now";
import { unusualOf } from "@/lib/unusual";
import { servesCannedAnswers } from "./canned";

servesCannedAnswers();
const NOW = Date.UTC(2026, 10, 1, 12);

async function drawn(element: ReactElement) {
  const times = vi.fn();
  const shown = (child: ReactElement) => <LanguageProvider waiting={null}><MoreTexts of="plugin" waiting={null}><Profiler id="drawn" onRender={times}>{child}</Profiler></MoreTexts></LanguageProvider>;
  const { rerender } = render(shown(element));
  await vi.waitFor(() => expect(times).toHaveBeenCalled(), 10_000);
  return { times, rerender: (child: ReactElement) => rerender(shown(child)) };
}

const hide = (hidden: boolean) => Object.defineProperty(document, "hidden", { configurable: true, value: hidden });

describe("a second that passes", () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true, now: NOW, toFake: ["setInterval", "clearInterval", "Date"] }));
  afterEach(() => {
    vi.useRealTimers();
    hide(false);
  });

  it("draws a time anew whose words change, and no other", async () => {
    const old = await drawn(<When at={new Date(NOW - 7_260_000).toISOString()} />);
    const fresh = await drawn(<When at={new Date(NOW - 5_000).toISOString()} />);
    const [before, seen] = [old.times.mock.calls.length, fresh.times.mock.calls.length];
    for (let second = 0; second < 5; second += 1) act(() => void vi.advanceTimersByTime(1000));
    expect(old.times.mock.calls.length).toBe(before);
    expect(fresh.times.mock.calls.length).toBeGreaterThanOrEqual(seen + 5);
  });

  it("is not even counted while the page is hidden", () => {
    const of = vi.fn((now: number) => now);
    renderHook(() => useFromNow(of));
    hide(true);
    const before = of.mock.calls.length;
    act(() => void vi.advanceTimersByTime(60_000));
    expect(of.mock.calls.length).toBe(before);
  });
});

describe("a chart in words", () => {
  const STEP = 6;
  const props = (last: number, level = 1) => {
    const times = Array.from({ length: 300 }, (_, index) => last - (299 - index) * STEP);
    const values = times.map(() => level);
    const unusual = unusualOf("cpu_ratio", times, values, { step_seconds: 300, bands: {}, episodes: [] });
    return { wordsId: "words", name: "CPU", metric: "cpu_ratio", times, values, compared: null, limit: null, band: null, unusual };
  };

  it("stays for half a minute, though nothing is known of what was expected, and then is of the present", async () => {
    const { rerender, times } = await drawn(<InWords {...props(1000, 0.25)} />);
    const shown = () => document.querySelector("#words")?.textContent ?? "";
    const [before, first] = [times.mock.calls.length, shown()];
    expect(first).toContain("25 %");
    rerender(<InWords {...props(1000 + STEP, 0.75)} />);
    expect([shown(), screen.getByRole("table").textContent?.includes("75 %")]).toEqual([first, false]);
    expect(times.mock.calls.length).toBeLessThanOrEqual(before + 1);
    rerender(<InWords {...props(1030, 0.75)} />);
    expect(shown()).toContain("75 %");
    expect(screen.getByRole("table").textContent).toContain("75 %");
  });
});

describe("a line", () => {
  const same = (value: number) => value;
  const lineOf = (values: (number | null | undefined)[], x = same) => columnsOf(values.map((_, index) => index), values, 0, values.length - 1, x, same);

  it("has a corner for each point where every point has its own column", () => {
    expect(lineOf([5, 7, 6])).toEqual([[0, 5, 1, 7, 2, 6]]);
  });

  it("keeps the lowest and the highest of each column, and goes on from the one nearer to its last point", () => {
    const narrow = (value: number) => Math.floor(value / 4);
    expect(lineOf([5, 9, 1, 4, 5, 1, 9, 8], narrow)).toEqual([[0, 9, 0, 1, 1, 1, 1, 9]]);
    const many = Array.from({ length: 2000 }, (_, index) => Math.sin(index));
    const [run] = lineOf(many, (value) => value / 5);
    expect(run?.length).toBeLessThanOrEqual(4 * 401);
    const heights = run?.filter((_, place) => place % 2 === 1) ?? [];
    expect([Math.min(...heights), Math.max(...heights)]).toEqual([Math.min(...many), Math.max(...many)]);
  });

  it("ends at a gap and goes on behind it, and is drawn over what was measured more rarely", () => {
    expect(lineOf([1, 2, null, 3, undefined, 4])).toEqual([[0, 1, 1, 2], [3, 3, 5, 4]]);
    expect(lineOf([null, null])).toEqual([]);
  });

  it("says its latest measurement", () => {
    expect([latestOf([1, 2, null]), latestOf([null]), latestOf([])]).toEqual([2, null, null]);
  });
});
