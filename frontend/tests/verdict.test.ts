import { describe, expect, it } from "vitest";
import { fleetVerdict, isMeasured, isStopped, lastMeasuredAt } from "@/lib/verdict";
import type { Fleet } from "@/lib/fleetTypes";
import type { ServerHealth } from "@/lib/healthTypes";
import type { Plugin } from "@/lib/types";

const NOW = Date.parse("2026-11-25T08:00:00.000Z");

function plugin(id: string, health: Plugin["health"]): Plugin {
  return {
    plugin_id: id, status: "active", since: null, stale: false, touchpoint: "gunicorn", labels: {}, cpu_usage: 1, memory_usage: 1, error_rate: 0,
    response_time: 1, metrics: {}, measured_at: null, health, findings: [], open_suggestions: 0, silences: [], execution_id: null, sparkline: [],
  };
}

function turned(secondsAgo: number): ServerHealth {
  const at = new Date(NOW - secondsAgo * 1000).toISOString();
  return { status: "ok", version: "1", last_cycle: { number: 1, at, duration_seconds: 0.1, plugins: 1, samples: 9 } };
}

/** The server's sum over plugins of these healths, worst first. */
function fleet(...healths: Plugin["health"][]): Fleet {
  const counts = { critical: 0, inactive: 0, warning: 0, unknown: 0, ok: 0 };
  for (const health of healths) counts[health] += 1;
  const worst = healths.filter((health) => health !== "ok").map((health, index) => ({ plugin_id: `${health}-${index}`, health, stale: false, text: null }));
  return { total: healths.length, health: counts, worst, open_suggestions: 0, running: 0, touchpoints: {}, labels: {} };
}

const state = (sum: Fleet, health = turned(3), reachable = true) => fleetVerdict(sum, health, reachable, isStopped(health, NOW)).state;

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
    expect(state(fleet("ok", "ok"))).toBe("ok");
    expect(state(fleet("warning", "ok"))).toBe("warning");
    expect(state(fleet("inactive", "warning"))).toBe("critical");
  });

  it("is never ok on stale or unknown figures, an unreachable server or an engine that stands still", () => {
    expect(state(fleet("unknown", "ok"))).toBe("unknown");
    expect(state(fleet("ok"), turned(3), false)).toBe("disconnected");
    expect(fleetVerdict(undefined, turned(3), true, false).state).toBe("disconnected");
    expect(state(fleet("ok"), turned(61))).toBe("stopped");
    expect(state(fleet())).toBe("empty");
    expect(state(fleet(), { status: "starting", version: "1" })).toBe("starting");
  });

  it("counts all it is about and names the first, without those of a lesser trouble", () => {
    const verdict = fleetVerdict(fleet("critical", "inactive", "warning", "ok"), turned(3), true, false);
    expect(verdict.count).toBe(2);
    expect(verdict.named.map(({ plugin_id }) => plugin_id)).toEqual(["critical-0", "inactive-1"]);
  });
});
