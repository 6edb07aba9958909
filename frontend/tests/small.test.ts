import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseCurve } from "@/lib/curve";
import { WHOLE_LIST } from "@/lib/listView";
import { atMostEach } from "@/lib/live/useLive";
import { courseOf } from "@/lib/course";
import { effectOf } from "@/lib/effect";
import { queryOf } from "@/lib/historySearch";
import { needsDialog } from "@/lib/consent";
import { benefit, byCause, byUrgency } from "@/lib/rank";
import { onceEach, parted } from "@/lib/silences";
import { judged, windowsLacking } from "@/lib/steps";
import { topOf } from "@/features/plugin/limit";
import { randomKey } from "@/lib/randomKey";
import { sparkPath } from "@/components/optimization/Sparkline";
import { TAB_NAMES } from "@/lib/tabs";
import { parseView, viewAddress } from "@/lib/urlState";
import type { Execution, ExecutionDetail, Severity, Suggestion } from "@/lib/types";

function suggestion(id: string, confidence: number, severity: Severity, expected: number | null = 1): Suggestion {
  const prediction = expected === null ? null : { before: 2, expected };
  const findings = [{ severity, kind: "saturation", metric: "queue_wait_seconds", score: 0.9 }];
  return { id, confidence, created_at: "2026", plugin_id: "orders", details: { change: prediction && {}, prediction, findings } } as unknown as Suggestion;
}

describe("the order of suggestions", () => {
  it("is benefit times confidence: how far it moves its figure, and how bad is what it answers", () => {
    const sorted = byUrgency([suggestion("info", 0.95, "info"), suggestion("unsure", 0.4, "critical"), suggestion("little", 0.9, "critical", 1.9), suggestion("much", 0.9, "critical", 0.2)]);
    expect(sorted.map(({ id }) => id)).toEqual(["much", "unsure", "info", "little"]);
  });

  it("puts what can be executed before advice, however sure the advice", () => {
    const sorted = byUrgency([suggestion("advice", 1, "critical", null), suggestion("change", 0.5, "info", 0.2)]);
    expect(sorted.map(({ id }) => id)).toEqual(["change", "advice"]);
  });

  it("counts a figure that falls to a quarter like one that rises to four times as much, and noise for nothing", () => {
    const moved = (before: number, expected: number) => ({ details: { findings: [], prediction: { before, expected } } }) as unknown as Suggestion;
    expect(benefit(moved(2, 0.5))).toBe(benefit(moved(0.5, 2)));
    const [a, b] = [suggestion("a", 0.8, "info"), suggestion("b", 0.803, "info")];
    expect(byUrgency([a, b]).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});

describe("suggestions with one cause", () => {
  it("stand together in the place of the first of them", () => {
    const other = { ...suggestion("other", 0.9, "info"), plugin_id: "menu" } as Suggestion;
    const causes = byCause([suggestion("first", 0.9, "critical"), other, suggestion("second", 0.5, "critical")]);
    expect(causes.map((cause) => cause.suggestions.map(({ id }) => id))).toEqual([["first", "second"], ["other"]]);
  });

  it("stand alone where nothing was found", () => {
    const bare = (id: string) => ({ id, plugin_id: "orders", details: { findings: [] } }) as unknown as Suggestion;
    expect(byCause([bare("a"), bare("b")])).toHaveLength(2);
  });
});

describe("one click", () => {
  const asked = (change: object, more: object = {}) => needsDialog({ risk: "low", requires_revision: false, details: { change }, ...more } as unknown as Suggestion);

  it("is enough where the change can be taken back and its risk is not high", () => {
    expect(asked({ reversibility: "reversible" })).toBe(false);
    expect(asked({ reversibility: "reversible" }, { risk: "medium" })).toBe(false);
    expect(asked({ reversibility: "reversible" }, { risk: "high" })).toBe(true);
    expect(asked({ reversibility: "lossy" })).toBe(true);
    expect(asked({ reversibility: "irreversible" })).toBe(true);
    expect(asked({ reversibility: null })).toBe(true);
    expect(asked({ reversibility: "reversible" }, { requires_revision: true })).toBe(true);
  });
});

describe("the effect of a change", () => {
  it("is a range where the range says something", () => {
    expect(effectOf({ effect: 0.14, low: 0.11, high: 0.19 })).toEqual({ known: "range", mean: 0.14, low: 0.11, high: 0.19 });
    expect(effectOf({ effect: 2.2, low: 2, high: 2.5 }).known).toBe("range");
  });

  it("is only its sure end where the range is wide, and unclear where that holds no change as well", () => {
    expect(effectOf({ effect: 0.02, low: 0.01, high: 0.89 })).toEqual({ known: "bound", bound: 0.89 });
    expect(effectOf({ effect: 3, low: 1.4, high: 9 })).toEqual({ known: "bound", bound: 1.4 });
    expect(effectOf({ effect: 0.73, low: 0.15, high: 3.55 }).known).toBe("unclear");
    expect(effectOf({ effect: null, low: null, high: null }).known).toBe("not");
  });
});

describe("a verdict", () => {
  const run = (state: string, reasons: object[] = []) => ({ state, verdict: { outcome: "inconclusive", reasons } }) as unknown as Execution;

  it("is none while the judge is looking", () => {
    expect(judged(run("verifying"))).toBeNull();
    expect(judged(run("rb_applying"))?.outcome).toBe("inconclusive");
  });

  it("says how many windows it lacks", () => {
    expect(windowsLacking(run("verifying", [{ code: "need_more_windows", params: { windows: 4 } }]))).toBe(4);
    expect(windowsLacking(run("verifying", [{ code: "not_clear_yet", params: {} }]))).toBe(0);
  });
});

describe("why planners are silent", () => {
  it("is said once, with all who say so", () => {
    const silence = (planner: string, text: string) => ({ planner, code: "x", params: {}, text });
    expect(onceEach([silence("workers", "Resting"), silence("status", "Up"), silence("cache", "Resting")])).toEqual([
      { text: "Resting", planners: ["workers", "cache"] }, { text: "Up", planners: ["status"] },
    ]);
  });

  it("tells first what says something, and folds what a plugin has not", () => {
    const silence = (code: string) => ({ planner: "cache", code, params: {}, text: code });
    const { telling, notThere } = parted(["no_knob", "within_slo", "no_cache", "is_up"].map(silence));
    expect([telling, notThere].map((part) => part.map(({ code }) => code))).toEqual([["within_slo", "is_up"], ["no_knob", "no_cache"]]);
  });
});

describe("the top of a chart", () => {
  it("holds the limit unless that is far above everything", () => {
    expect(topOf(0.5, 0.6)).toBeCloseTo(0.672);
    expect(topOf(0.02, 0.6)).toBeCloseTo(0.0224);
    expect(topOf(4, 0.01)).toBeCloseTo(4.48);
    expect([topOf(0, null), topOf(0, 0.05)].map((top) => top.toFixed(3))).toEqual(["1.120", "0.056"]);
  });
});

describe("the address", () => {
  it("holds what is looked at, there and back", () => {
    const view = { tab: "history", plugin: "orders", page: null, execution: "ex_1", list: WHOLE_LIST } as const;
    expect(viewAddress(view)).toBe("?tab=history&plugin=orders&execution=ex_1");
    expect(parseView(viewAddress(view))).toEqual(view);
    for (const tab of TAB_NAMES) expect(parseView(viewAddress({ tab, plugin: null, page: null, execution: null, list: WHOLE_LIST })).tab).toBe(tab);
    expect(viewAddress({ tab: "overview", plugin: null, page: null, execution: null, list: WHOLE_LIST })).toBe("./");
  });

  it("holds how plugins are searched, filtered, grouped and sorted, and nothing that cannot be", () => {
    const list = { search: "a&b=c", health: ["critical", "unknown"], touchpoint: "celery", labels: ["team=pay ments", "tier="], sort: "-cpu_usage", group: "label:team", opened: ["", "web"] } as const;
    expect(parseView(viewAddress({ tab: "overview", plugin: null, page: null, execution: null, list })).list).toEqual(list);
    expect(parseView("?health=fine,critical&sort=colour&group=moon&open=x").list).toEqual({ ...WHOLE_LIST, health: ["critical"], opened: ["x"] });
  });

  it("holds the filters of the history, and of nothing else", () => {
    const view = { tab: "history", plugin: null, page: null, execution: null, list: WHOLE_LIST, search: { result: "success", words: "two words", from: "2026-11-01" } } as const;
    expect(parseView(viewAddress(view))).toEqual(view);
    expect(viewAddress({ ...view, tab: "overview" })).toBe("./");
    expect(queryOf(view.search, "orders")).toMatchObject({ plugin_id: "orders", result: "success", q: "two words", from: new Date(2026, 10, 1).toISOString() });
    expect(queryOf({ to: "2026-11-30" }, null).to).toBe(new Date(2026, 11, 1).toISOString());
    expect(queryOf({ from: "monday", result: "nonsense" }, null)).toMatchObject({ from: undefined, result: undefined });
  });

  it("opens the history for an execution alone", () => {
    expect(parseView("?execution=ex_1").tab).toBe("history");
  });
});

describe("a sparkline", () => {
  it("breaks where nothing was measured instead of falling to zero", () => {
    expect(sparkPath([1, 2, null, 2, 1]).match(/M/g)).toHaveLength(2);
    expect(sparkPath([null, 1])).toBe("");
  });
});

describe("a curve of what-ifs", () => {
  it("is read whatever its two columns are called", () => {
    expect(parseCurve([{ workers: 3, p95_seconds: 0.6 }, { workers: 2, p95_seconds: 2.3 }])).toEqual({
      xName: "workers", yName: "p95_seconds", points: [{ x: 2, y: 2.3 }, { x: 3, y: 0.6 }],
    });
    expect(parseCurve(undefined)).toBeNull();
    expect(parseCurve([{ workers: 2, p95_seconds: null }, { workers: 3, p95_seconds: 1 }])).toBeNull();
  });
});

describe("the course of an execution", () => {
  const run = (states: [string, string][], more: object = {}) => ({
    prediction: { metric: "p95", before: 2, expected: 0.3, low: 0.2, high: 0.4 }, verdict: null, finished_at: null, steps: states.map(([state, at]) => ({ state, at })), ...more,
  }) as unknown as ExecutionDetail;
  const begun: [string, string][] = [["queued", "2026-11-30T10:00:00Z"], ["applied", "2026-11-30T10:01:00Z"]];

  it("is drawn from ten minutes before it was ordered, up to now or shortly after its end", () => {
    expect(courseOf(run(begun))).toMatchObject({ metric: "p95", from: "2026-11-30T09:50:00.000Z", to: undefined, changedAt: Date.parse("2026-11-30T10:01:00Z"), expected: 0.3 });
    expect(courseOf(run(begun, { finished_at: "2026-11-30T10:05:00Z" }))?.to).toBe("2026-11-30T10:07:00.000Z");
  });

  it("is not drawn before anything has changed, nor without a figure", () => {
    expect(courseOf(run(begun.slice(0, 1)))).toBeNull();
    expect(courseOf(run(begun, { prediction: null }))).toBeNull();
  });
});

describe("an idempotency key", () => {
  it("is new for each attempt", () => {
    expect(randomKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(randomKey()).not.toBe(randomKey());
  });
});

describe("a burst of events", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("refreshes at once, then at most once a second", () => {
    let count = 0;
    const throttled = atMostEach(1000, () => count++);
    for (let i = 0; i < 50; i++) throttled.call();
    vi.advanceTimersByTime(1);
    expect(count).toBe(1);
    for (let i = 0; i < 50; i++) throttled.call();
    vi.advanceTimersByTime(500);
    expect(count).toBe(1);
    vi.advanceTimersByTime(600);
    expect(count).toBe(2);
  });
});
