import { MISSING, type Formatter } from "./format";
import type { Change, Value } from "./types";

const UNIT_METRICS: Record<string, string> = { bytes: "memory_bytes", seconds: "setting_seconds", ratio: "setting_ratio" };

// Where the knob cannot be read (a finished change, a plugin that is gone) its name tells the unit.
const UNIT_WORDS: Record<string, string> = { bytes: "bytes", seconds: "seconds", ratio: "ratio", ttl: "seconds", timeout: "seconds", keepalive: "seconds", maxmemory: "bytes", memlimit: "bytes", percent: "percent", CPUQuota: "percent", MemoryMax: "bytes", MemoryHigh: "bytes" };

export function unitOf(change: Change): string | null {
  return change.unit ?? UNIT_WORDS[change.knob.split(/[._]/).at(-1) ?? ""] ?? null;
}

/** Return a knob's value with its unit; counts (workers, threads, requests) carry none. */
export function valueText(value: Value | null, unit: string | null | undefined, format: Formatter): string {
  if (value === null) return MISSING;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return value;
  if (unit === "percent") return format.percent(value);
  const metric = unit ? UNIT_METRICS[unit] : undefined;
  return metric ? format.metric(metric, value) : format.number(value, 4);
}
