import { describe, expect, it } from "vitest";
import { keyDeed } from "@/features/plugin/chartKeys";
import { clustered, happenings, onChartOf } from "@/features/plugin/cluster";
import { curveScales, niceStep, stacked } from "@/features/plugin/curveScales";
import { notMeasured, shownMetrics, stretchOf, timesOf } from "@/features/plugin/grid";
import { withEpisodes } from "@/features/plugin/pastEpisodes";
import { pageAddress, parsePage, START, toField, validSpan, zoomed } from "@/features/plugin/pageState";
import { sampledPlaces, summaryOf } from "@/features/plugin/summary";
import { ledOn, restFrom } from "@/lib/chartCourse";
import { alone, bridged, measuredUntil, standingAt, usualDistance } from "@/lib/gaps";
import { refreshMs } from "@/lib/pluginQueries";
import type { Episode, Mark, Onset } from "@/lib/pluginTypes";

const NOON = Date.parse("2026-11-30T12:00:00Z");
const MINUTE = 60_000;

describe("the address of a page", () => {
  it("holds everything that is shown beside what stood there, and gives it back", () => {
    const page = { range: "24h", span: { from: NOON - 5 * MINUTE, to: NOON }, compare: "week", drill: "cpu_ratio" } as const;
    const address = pageAddress("?page=orders&sort=-cpu_usage&range=6h", page);
    expect(address).toBe("?page=orders&sort=-cpu_usage&range=24h&from=2026-11-30T11%3A55%3A00.000Z&to=2026-11-30T12%3A00%3A00.000Z&compare=week&drill=cpu_ratio");
    expect(parsePage(address)).toEqual(page);
    expect(pageAddress(address, START)).toBe("?page=orders&sort=-cpu_usage");
  });

  it("takes nonsense for what is shown at the start", () => {
    for (const search of ["?range=9y&compare=never", "?from=x&to=y", "?from=2026-11-30T12:00:00Z&to=2026-11-30T11:00:00Z", "?from=2026-11-30T12:00:00Z"]) {
      expect(parsePage(search), search).toEqual(START);
    }
  });

  it("shows a local time in a field that reads back as the same minute", () => {
    expect(Date.parse(toField(NOON))).toBe(NOON);
  });
});

describe("zooming", () => {
  it("keeps the moment it is about where it is, and never goes below ten seconds", () => {
    const span = { from: NOON, to: NOON + 100_000 };
    expect(zoomed(span, 0.5, NOON + 25_000)).toEqual({ from: NOON + 12_500, to: NOON + 62_500 });
    expect(zoomed(span, 0.5, NOON)).toEqual({ from: NOON, to: NOON + 50_000 });
    const least = zoomed(span, 1e-6, NOON + 50_000);
    expect(least.to - least.from).toBe(10_000);
    expect(validSpan(NOON, NOON + 5_000)).toBeNull();
  });

  it("is done by keys: begin, move, zoom; and given up by Escape", () => {
    const at = { index: 10, anchor: null };
    expect(keyDeed("ArrowRight", true, at, 300)).toEqual({ do: "move", state: { index: 20, anchor: null } });
    expect(keyDeed("Enter", false, at, 300)).toEqual({ do: "move", state: { index: 10, anchor: 10 } });
    expect(keyDeed("ArrowLeft", false, { index: 10, anchor: 10 }, 300)).toEqual({ do: "move", state: { index: 9, anchor: 10 } });
    expect(keyDeed("Enter", false, { index: 4, anchor: 10 }, 300)).toEqual({ do: "zoom", from: 4, to: 10 });
    expect(keyDeed("Escape", false, { index: 4, anchor: 10 }, 300)).toEqual({ do: "move", state: { index: 4, anchor: null } });
    expect(keyDeed("End", false, at, 300)).toEqual({ do: "move", state: { index: 299, anchor: null } });
    expect([keyDeed("+", false, at, 300), keyDeed("0", false, at, 300), keyDeed("Tab", false, at, 300), keyDeed("Escape", false, at, 300)])
      .toEqual([{ do: "scale", factor: 0.5 }, { do: "reset" }, null, null]);
  });
});

const mark = (minute: number, kind: Mark["kind"], execution_id: string | null = null): Mark => ({ at: new Date(NOON + minute * MINUTE).toISOString(), kind, text: kind, execution_id, by: null, audit_number: null });
const onset = (minute: number, metric: string): Onset => ({ at: new Date(NOON + minute * MINUTE).toISOString(), kind: "saturation", metric, severity: "critical", text: "slow", present: true });

describe("what happened", () => {
  it("stands by time, changes on every chart, onsets on the chart of their metric", () => {
    const all = happenings([mark(5, "execution", "ex_1"), mark(1, "policy")], [onset(3, "cpu_ratio")]);
    expect(all.map((each) => each.kind)).toEqual(["policy", "onset", "execution"]);
    expect(onChartOf("cpu_ratio", all)).toHaveLength(3);
    expect(onChartOf("error_ratio", all).map((each) => each.kind)).toEqual(["policy", "execution"]);
  });

  it("is put together where it would cover itself, and counted", () => {
    const all = happenings([mark(0, "restart"), mark(1, "setting"), mark(1.5, "policy"), mark(9, "execution")], []);
    expect(clustered(all, 2 * MINUTE).map((cluster) => cluster.members.length)).toEqual([3, 1]);
    expect(clustered(all, 0).map((cluster) => cluster.members.length)).toEqual([1, 1, 1, 1]);
    expect(clustered([], MINUTE)).toEqual([]);
  });

  it("that was unusual but within its limits is called so, on its own chart alone", () => {
    const all = happenings([], [onset(1, "cpu_ratio"), { ...onset(2, "cpu_ratio"), kind: "shift", severity: "info" }]);
    expect(all.map((each) => each.kind)).toEqual(["onset", "unusual"]);
    expect(onChartOf("error_ratio", all)).toEqual([]);
  });

  it("with marks at one moment has a key of its own each", () => {
    const keys = happenings([mark(0, "setting"), mark(0, "setting")], []).map((each) => each.key);
    expect(new Set(keys).size).toBe(2);
  });
});

describe("a metric that is measured more rarely than its chart has buckets", () => {
  const rare = [1, null, null, 2, null, null, 3, null, null, null, null, null, null, null, null, 4, null, null];

  it("is a line all the same, and what was really missed is a gap", () => {
    expect(usualDistance(rare)).toBe(3);
    expect(bridged(rare).slice(0, 8)).toEqual([1, undefined, undefined, 2, undefined, undefined, 3, null]);
    expect(bridged([1, 2, null, 2, 1])).toEqual([1, 2, null, 2, 1]);
    expect(bridged([null, null])).toEqual([null, null]);
  });

  it("stands for a while, and then no more", () => {
    expect([measuredUntil([1, null, 2, null, null]), measuredUntil([null, null]), measuredUntil([])]).toEqual([3, 2, 0]);
    expect([standingAt(rare, 5), standingAt(rare, 8), standingAt(rare, 14), standingAt([5, null], 1)]).toEqual([2, 3, null, null]);
  });

  it("is a dot where no line goes through it", () => {
    expect(alone([1, 2, null, 3, null, undefined, 4])).toEqual([3, 6]);
    expect(alone(bridged(rare))).toEqual([15]);
  });
});

describe("the grid of charts", () => {
  it("shows what was measured in the order of importance, what we do not know last, and names the rest", () => {
    const series = { workers: [1], response_time_p95_seconds: [1], beans: [1] };
    expect(shownMetrics(series)).toEqual(["response_time_p95_seconds", "workers", "beans"]);
    expect(notMeasured(series)).toContain("cpu_ratio");
    expect(notMeasured(series)).not.toContain("workers");
  });

  it("puts each value into the middle of its bucket and leaves room for a forecast", () => {
    const times = timesOf("2026-11-30T12:00:00Z", "2026-11-30T12:01:00Z", 20);
    expect(times).toEqual([NOON / 1000 + 10, NOON / 1000 + 30, NOON / 1000 + 50]);
    expect(stretchOf(times, 20, false)).toEqual({ from: NOON / 1000, to: NOON / 1000 + 60 });
    expect(stretchOf(times, 20, true).to).toBe(NOON / 1000 + 72);
  });

  it("is asked for once per bucket, neither more often than every two seconds nor more rarely than each minute", () => {
    expect([refreshMs(1_800_000, 300), refreshMs(60_000, 300), refreshMs(604_800_000, 300)]).toEqual([6_000, 2_000, 60_000]);
  });

  it("is told in figures without what was not measured", () => {
    expect(summaryOf([1, null, 3, null])).toEqual({ last: 3, low: 1, high: 3, mean: 2, known: 2 });
    expect(summaryOf([null])).toEqual({ last: null, low: null, high: null, mean: null, known: 0 });
    expect(sampledPlaces(300, 10).at(-1)).toBe(299);
    expect(sampledPlaces(300, 10)).toHaveLength(10);
    expect(sampledPlaces(3, 10)).toEqual([0, 1, 2]);
  });
});

describe("a chart that goes on", () => {
  const chart = (from: number, series: Record<string, (number | null)[]>, marks: Mark[] = []) => ({
    from: new Date(NOON + from * 1000).toISOString(), to: new Date(NOON + (from + (Object.values(series)[0]?.length ?? 0)) * 1000).toISOString(),
    step_seconds: 1, sample_seconds: 1, series, compared: null, marks, onsets: [],
  });

  it("keeps its length, ends with the news and takes the last buckets anew", () => {
    const known = chart(0, { a: [1, 2, 3, 4, 5], gone: [7, null, null, null, null] });
    expect(restFrom(known)).toBe(NOON + 3000);
    const next = ledOn(known, chart(3, { a: [40, 50, 60], born: [null, null, 1] }));
    expect([next.from, next.to]).toEqual([new Date(NOON + 1000).toISOString(), new Date(NOON + 6000).toISOString()]);
    expect({ ...next.series }).toEqual({ a: [2, 3, 40, 50, 60], born: [null, null, null, null, 1] });
  });

  it("keeps marks that are still within, and has none of them twice", () => {
    const at = (second: number): Mark => ({ ...mark(0, "restart"), at: new Date(NOON + second * 1000).toISOString() });
    const known = chart(0, { a: [1, 2, 3, 4, 5] }, [at(0), at(2), at(4)]);
    const next = ledOn(known, chart(3, { a: [4, 5, 6] }, [at(4), at(5)]));
    expect(next.marks.map((each) => (Date.parse(each.at) - NOON) / 1000)).toEqual([2, 4, 5]);
  });
});

describe("a curve of what-ifs", () => {
  const box = { width: 400, height: 200, left: 50, right: 10, top: 20, bottom: 30 };
  const points = [9.8, 2.3, 0.6, 0.3].map((y, index) => ({ x: index + 1, y, low: y * 0.9, high: y * 1.1 }));

  it("keeps what is named and the limit in the picture, however bad the worst setting is", () => {
    const { top, y, x } = curveScales(points, [2, 4], 1, Infinity, box);
    expect(top).toBeGreaterThan(2.3);
    expect(top).toBeLessThan(9.8);
    expect(y(0)).toBe(170);
    expect([x(1), x(4)]).toEqual([50, 390]);
  });

  it("never shows more than all", () => {
    expect(curveScales([{ x: 1, y: 0.4, low: 0.4, high: 0.4 }, { x: 2, y: 0.97, low: 0.9, high: 1 }], [2], null, 1, box).top).toBe(1);
  });

  it("has round steps and labels that do not cover each other", () => {
    expect([niceStep(0.3), niceStep(1.1), niceStep(2.4), niceStep(7)]).toEqual([0.5, 2, 2.5, 10]);
    expect(stacked([{ x: 0, y: 50, width: 100 }, { x: 60, y: 52, width: 100 }, { x: 300, y: 50, width: 100 }], 16)).toEqual([50, 34, 50]);
  });
});

describe("episodes that are over", () => {
  const episode: Episode = { metric: "cpu_ratio", kind: "deviation", since: "2026-11-30T11:00:00Z", until: "2026-11-30T11:20:00Z", text: "CPU usage is suddenly 80 %", feedback: null, value: 0.8, expected: 0.3, low: 0.2, high: 0.4 };

  it("stand beside what is found now, each once", () => {
    const onset: Onset = { at: "2026-11-30T11:03:00Z", kind: "deviation", metric: "cpu_ratio", severity: "warning", text: "now", present: true };
    expect(withEpisodes([onset], [episode])).toEqual([onset]);
    const other = { ...episode, since: "2026-11-30T09:00:00Z" };
    expect(withEpisodes([onset], [other])).toEqual([
      onset, { at: other.since, kind: "deviation", metric: "cpu_ratio", severity: "info", text: episode.text, present: false, feedback: null },
    ]);
    expect(withEpisodes([onset], [{ ...episode, metric: "memory_bytes" }])).toHaveLength(2);
  });

  it("carry the word that they were no problem, and only what is unusual can be called so", () => {
    const onset: Onset = { at: "2026-11-30T11:03:00Z", kind: "deviation", metric: "cpu_ratio", severity: "warning", text: "now", present: true };
    const feedback = { id: "fb_1", by: "kim", at: "2026-11-30T11:10:00Z" };
    const [said] = happenings([], withEpisodes([onset], [{ ...episode, feedback }]));
    expect(said?.feedback).toEqual(feedback);
    expect(said?.unusual).toEqual({ metric: "cpu_ratio", kind: "deviation", since: onset.at });
    expect(happenings([], [{ ...onset, kind: "saturation" }])[0]?.unusual).toBeNull();
  });
});
