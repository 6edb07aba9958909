import { describe, expect, it } from "vitest";
import { fleetVerdict, isMeasured, lastMeasuredAt, shownHealth, worstFirst } from "@/lib/verdict";
import type { Plugin, ServerHealth } from "@/lib/types";

const NOW = Date.parse("2026-11-25T08:00:00.000Z");

function plugin(id: string, health: Plugin["health"], stale = false): Plugin {
  return {
    plugin_id: id, status: "active", since: null, stale, touchpoint: "gunicorn", labels: {}, cpu_usage: 1, memory_usage: 1, error_rate: 0,
    response_time: 1, metrics: {}, measured_at: null, health, findings: [], open_suggestions: 0, silences: [], execution_id: null, sparkline: [],
  };
}

function turned(secondsAgo: number): ServerHealth {
  const at = new Date(NOW - secondsAgo * 1000).toISOString();
  return { status: "ok", version: "1", last_cycle: { number: 1, at, duration_seconds: 0.1, plugins: 1, samples: 9 } };
}

const state = (plugins: Plugin[], health = turned(3), reachable = true) => fleetVerdict(plugins, health, reachable, NOW).state;

describe("figures", () => {
  it("of a plugin that does not run are not of the present, and their time is when it went", () => {
    const gone = { ...plugin("a", "inactive"), since: "2026-11-25T07:50:00.000Z", measured_at: "2026-11-25T08:00:00.000Z" };
    expect([isMeasured(gone), isMeasured(plugin("b", "ok")), isMeasured({ ...plugin("c", "unknown"), status: "inactive" })]).toEqual([false, true, false]);
    expect(lastMeasuredAt(gone)).toBe("2026-11-25T07:50:00.000Z");
    expect(lastMeasuredAt({ ...gone, since: null })).toBe("2026-11-25T08:00:00.000Z");
    expect(lastMeasuredAt({ ...gone, since: null, measured_at: null })).toBeNull();
  });
});

describe("the verdict", () => {
  it("is ok only when every plugin is", () => {
    expect(state([plugin("a", "ok"), plugin("b", "ok")])).toBe("ok");
    expect(state([plugin("a", "ok"), plugin("b", "warning")])).toBe("warning");
    expect(state([plugin("a", "warning"), plugin("b", "inactive")])).toBe("critical");
  });

  it("is never ok on stale or unknown figures, an unreachable server or an engine that stands still", () => {
    expect(state([plugin("a", "ok"), plugin("b", "ok", true)])).toBe("unknown");
    expect(state([plugin("a", "unknown")])).toBe("unknown");
    expect(state([plugin("a", "ok")], turned(3), false)).toBe("disconnected");
    expect(state([plugin("a", "ok")], turned(61))).toBe("stopped");
    expect(state([])).toBe("empty");
    expect(state([], { status: "starting", version: "1" })).toBe("starting");
  });

  it("names the plugins it is about, worst first", () => {
    const verdict = fleetVerdict([plugin("b", "inactive"), plugin("c", "ok"), plugin("a", "critical")], turned(3), true, NOW);
    expect(verdict.plugins.map(({ plugin_id }) => plugin_id)).toEqual(["a", "b"]);
  });
});

describe("the order of plugins", () => {
  it("is worst first, and by name among equals", () => {
    const plugins = [plugin("z", "ok"), plugin("m", "warning"), plugin("a", "ok"), plugin("k", "ok", true), plugin("x", "critical")];
    expect(worstFirst(plugins).map(({ plugin_id }) => plugin_id)).toEqual(["x", "m", "k", "a", "z"]);
  });

  it("takes an inactive plugin for inactive even when its figures are old", () => {
    expect(shownHealth(plugin("a", "inactive", true))).toBe("inactive");
    expect(shownHealth(plugin("a", "critical", true))).toBe("unknown");
  });
});
