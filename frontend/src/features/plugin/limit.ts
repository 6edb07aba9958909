import type { Value } from "@/lib/types";

const FIELDS: Record<string, string> = {
  response_time_p95_seconds: "response_time_seconds",
  response_time_seconds: "response_time_seconds",
  cpu_ratio: "cpu_ratio",
  memory_ratio: "memory_ratio",
  error_ratio: "error_ratio",
};

/** Return the limit that the policy sets for a metric, in the metric's unit; null where it sets none. */
export function limitOf(metric: string, policy: Record<string, Value | null>): number | null {
  const field = FIELDS[metric];
  const value = field ? policy[field] : null;
  return typeof value === "number" ? value : null;
}

const FAR = 6; // times the highest value
const HEADROOM = 1.12;

/** Return the value at the top edge. A limit far above all that was measured stays outside, or the line would be flat. */
export function topOf(high: number, limit: number | null): number {
  const shown = limit !== null && limit <= FAR * high ? limit : 0;
  return (Math.max(high, shown) || limit || 1) * HEADROOM; // where all is zero, up to the limit, or in readable steps
}
