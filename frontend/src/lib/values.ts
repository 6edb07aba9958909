import { MISSING, type Formatter } from "./format";
import type { Value } from "./types";

const UNIT_METRICS: Record<string, string> = { bytes: "memory_bytes", seconds: "setting_seconds", ratio: "setting_ratio" };

/** Return a knob's value with its unit; counts (workers, threads, requests) carry none. */
export function valueText(value: Value | null, unit: string | null | undefined, format: Formatter): string {
  if (value === null) return MISSING;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return value;
  const metric = unit ? UNIT_METRICS[unit] : undefined;
  return metric ? format.metric(metric, value) : format.number(value, 4);
}
