import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseCurve } from "@/lib/curve";
import { atMostEach } from "@/lib/live";
import { byUrgency } from "@/lib/rank";
import { randomKey } from "@/lib/randomKey";
import { sparkPath } from "@/components/optimization/Sparkline";
import { parseView, viewAddress } from "@/lib/urlState";
import type { Severity, Suggestion } from "@/lib/types";

function suggestion(id: string, confidence: number, severity: Severity): Suggestion {
  return { id, confidence, created_at: "2026", details: { findings: [{ severity }] } } as unknown as Suggestion;
}

describe("the order of suggestions", () => {
  it("is confidence times severity", () => {
    const sorted = byUrgency([suggestion("info", 0.95, "info"), suggestion("warning", 0.6, "warning"), suggestion("critical", 0.5, "critical")]);
    expect(sorted.map(({ id }) => id)).toEqual(["critical", "warning", "info"]);
  });
});

describe("the address", () => {
  it("holds what is looked at, there and back", () => {
    const view = { tab: "history", plugin: "orders", execution: "ex_1" } as const;
    expect(viewAddress(view)).toBe("?tab=history&plugin=orders&execution=ex_1");
    expect(parseView(viewAddress(view))).toEqual(view);
    expect(viewAddress({ tab: "overview", plugin: null, execution: null })).toBe("./");
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
