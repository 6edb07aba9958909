import type { Column } from "@/lib/pluginTypes";

/** All metrics, what a person looks at first, first. */
export const METRICS = [
  "response_time_p95_seconds", "error_ratio", "throughput_per_second", "queue_wait_seconds", "queue_length_tasks", "cpu_ratio", "memory_ratio", "busy_ratio",
  "workers", "response_time_seconds", "response_time_p50_seconds", "response_time_p99_seconds", "service_time_seconds", "cache_hit_ratio", "cache_entries",
  "evictions_per_second", "expiring_ratio", "memory_bytes", "fragmentation_ratio", "throttled_ratio", "throttled_cores", "oom_kills",
  "worker_memory_bytes", "cpu_cores", "requests", "restarts", "failed_workers", "healthy", "up",
] as const;

type Series = Readonly<Record<string, Column>>;

/** Return the metrics that have a series, those we know in our order, then whatever else the server measures. */
export function shownMetrics(series: Series): string[] {
  const known: readonly string[] = METRICS;
  const others = Object.keys(series).filter((name) => !known.includes(name)).sort();
  return [...known.filter((name) => name in series), ...others];
}

export function notMeasured(series: Series): string[] {
  return METRICS.filter((name) => !(name in series));
}

/** Return the middle of each bucket, in seconds. */
export function timesOf(from: string, to: string, stepSeconds: number): number[] {
  const begin = Date.parse(from) / 1000;
  const count = Math.round((Date.parse(to) / 1000 - begin) / stepSeconds);
  return Array.from({ length: count }, (_, index) => begin + (index + 0.5) * stepSeconds);
}

const AHEAD_SHARE = 0.2; // of the shown stretch, for the forecast …
const MOST_AHEAD_SECONDS = 3_600; // … which reaches that far

/** Return the ends of the axis in seconds; with room for the forecast where there is one. */
export function stretchOf(times: readonly number[], stepSeconds: number, foretold: boolean): { from: number; to: number } {
  const from = (times[0] ?? 0) - stepSeconds / 2;
  const to = (times.at(-1) ?? 0) + stepSeconds / 2;
  return { from, to: foretold ? to + Math.min(MOST_AHEAD_SECONDS, AHEAD_SHARE * (to - from)) : to };
}
