/** What only the page of one plugin asks for, in the words of docs/API.md. */

import type { Message, Severity } from "./types";

export type MarkKind = "execution" | "rollback" | "setting" | "restart" | "deployment" | "policy";

export interface Mark {
  at: string;
  kind: MarkKind;
  text: string;
  execution_id: string | null;
  by: string | null;
  /** The entry of the audit that a policy was saved by. */
  audit_number: number | null;
}

/** Since when something was found; `present`: it still is. */
export interface Onset {
  at: string;
  kind: string;
  metric: string;
  severity: Severity;
  text: string;
  present: boolean;
  feedback?: Feedback | null;
}

export type Column = (number | null)[];

/** Value i of a series is the mean of [from + i·step, from + (i + 1)·step). */
export interface Chart {
  from: string;
  to: string;
  step_seconds: number;
  sample_seconds: number;
  series: Record<string, Column>;
  compared: Record<string, Column> | null;
  marks: Mark[];
  onsets: Onset[];
}

/** [time, expected, low, high] */
export type BandPoint = [string, number, number, number];

export interface Band {
  rests_on: "days" | "changes";
  days: number;
  points: BandPoint[];
}

export interface Forecast {
  at: string;
  probability: number;
  bands: Record<string, Band>;
  why_not: Message | null;
}

/** A stretch in which a metric was not as it used to be. */
export interface Episode {
  metric: string;
  kind: "level" | "deviation" | "shift" | "variance";
  since: string;
  until: string;
  text: string;
  feedback: Feedback | null;
  value: number;
  expected: number | null;
  low: number | null;
  high: number | null;
}

/** Somebody's word that something unusual was no problem. */
export interface Feedback {
  id: string;
  by: string;
  at: string;
}

/** What a word of feedback is said of. */
export interface UnusualOnset {
  metric: string;
  kind: string;
  since: string;
}

export interface Anomalies {
  step_seconds: number;
  /** By metric what was expected of it, one point for each step; nothing where it is still learnt. */
  bands: Record<string, BandPoint[]>;
  episodes: Episode[];
}

export const PARTS = ["queue_ratio", "cpu_wait_ratio", "cpu_ratio", "off_cpu_ratio"] as const;
export type Parts = Record<(typeof PARTS)[number], number>;

export interface RouteTime {
  route: string;
  requests: number;
  time_ratio: number;
  mean_seconds: number;
  p95_seconds: number;
  parts: Parts;
}

export interface FailedGroup {
  fingerprint: string;
  exception: string | null;
  message: string | null;
  frames: string[];
  first_seen: string | null;
  last_seen: string | null;
  requests: number;
  of_failed_ratio: number;
  of_all_ratio: number;
  since: string;
  causes: Message[];
}

export interface Anatomy {
  from: string;
  to: string;
  requests: number;
  span_seconds: number;
  parts: Parts | null;
  mean_queue_seconds: number | null;
  p95_seconds: number | null;
  load_workers: number | null;
  utilisation_ratio: number | null;
  bottleneck: Message | null;
  routes: RouteTime[];
  failed: FailedGroup[];
  why_not: Message | null;
}

export interface WorkerPoint {
  workers: number;
  mean_seconds: number;
  p95_seconds: number;
  low_seconds: number;
  high_seconds: number;
  planned_p95_seconds: number;
}

export interface WorkerCurve {
  knob: string;
  present: number;
  suggested: number | null;
  enough: number | null;
  most: number;
  slo_seconds: number;
  planned_load_ratio: number;
  points: WorkerPoint[];
  requests: number;
  span_seconds: number;
  error_ratio: number;
}

export interface CachePoint {
  size_entries: number;
  hit_ratio: number;
  low: number;
  high: number;
}

export interface CacheCurve {
  cache: string;
  knob: string | null;
  present: number;
  suggested: number | null;
  enough: number;
  observed_hit_ratio: number | null;
  model_hit_ratio: number;
  distinct_keys: number;
  accesses: number;
  processes: number;
  entry_bytes: number | null;
  points: CachePoint[];
}

export interface RoomPoint {
  size_bytes: number;
  hit_ratio: number;
  low: number;
  high: number;
}

/** Of a plugin that is itself a cache: larger memory limits. */
export interface CacheServerCurve {
  knob: string;
  present_bytes: number;
  suggested_bytes: number | null;
  enough_bytes: number;
  most_bytes: number | null;
  used_bytes: number;
  entry_bytes: number;
  observed_hit_ratio: number | null;
  sampled_keys: number;
  recorded_seconds: number;
  error_ratio: number;
  points: RoomPoint[];
}

export interface Curves {
  plugin_id: string;
  computed_at: string;
  kept_seconds: number;
  workers: WorkerCurve | null;
  workers_why_not: Message | null;
  caches: CacheCurve[];
  caches_why_not: Message | null;
  cache_server: CacheServerCurve | null;
  cache_server_why_not: Message | null;
}
