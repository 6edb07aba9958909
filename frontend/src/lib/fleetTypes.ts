import type { Health } from "./types";

/** The words of docs/API.md, section Plugins. */

export type HealthCounts = Record<Health, number>;

export interface WorstPlugin {
  plugin_id: string;
  health: Health;
  stale: boolean;
  text: string | null;
}

/** The whole in a few numbers. `worst` names the first few that are not ok. */
export interface Fleet {
  total: number;
  health: HealthCounts;
  worst: WorstPlugin[];
  open_suggestions: number;
  running: number;
  touchpoints: Record<string, number>;
  labels: Record<string, Record<string, number>>;
}

/** `value` is "" for the plugins without such a label. */
export interface FleetGroup {
  value: string;
  total: number;
  health: HealthCounts;
}

export type PluginSort =
  | "worst" | "plugin_id" | "-plugin_id" | `${"" | "-"}${"cpu_usage" | "memory_usage" | "error_rate" | "response_time" | "response_time_p95_seconds" | "workers"}`;
