/** Which plugins are listed, how sorted and grouped, as it stands in the address. */

import type { PluginSort } from "./fleetTypes";
import type { Health } from "./types";

export interface ListView {
  /** Words that must all occur. */
  search: string;
  health: readonly Health[];
  touchpoint: string | null;
  /** `key=value`, `key` (has one), `key=` (has none). */
  labels: readonly string[];
  sort: PluginSort;
  /** `touchpoint` or `label:key`. */
  group: string | null;
  /** The groups whose plugins are shown, by value. */
  opened: readonly string[];
}

export const HEALTHS: readonly Health[] = ["critical", "inactive", "warning", "unknown", "ok"];
export const FIGURES = ["cpu_usage", "memory_usage", "error_rate", "response_time", "response_time_p95_seconds", "workers"] as const;
export const SORTS: readonly PluginSort[] = ["worst", "plugin_id", "-plugin_id", ...FIGURES.flatMap((name) => [`-${name}`, name] as const)];

export const WHOLE_LIST: ListView = { search: "", health: [], touchpoint: null, labels: [], sort: "worst", group: null, opened: [] };

export function parseList(query: URLSearchParams): ListView {
  const health = query.get("health")?.split(",") ?? [];
  const group = query.get("group");
  return {
    search: query.get("q") ?? "",
    health: HEALTHS.filter((name) => health.includes(name)),
    touchpoint: query.get("touchpoint") || null,
    labels: query.getAll("label").filter(Boolean),
    sort: SORTS.find((sort) => sort === query.get("sort")) ?? WHOLE_LIST.sort,
    group: group === "touchpoint" || group?.startsWith("label:") ? group : null,
    opened: query.getAll("open"),
  };
}

/** Write into `query` what differs from the whole list. */
export function writeList(query: URLSearchParams, list: ListView): void {
  if (list.search) query.set("q", list.search);
  if (list.health.length > 0) query.set("health", list.health.join(","));
  if (list.touchpoint) query.set("touchpoint", list.touchpoint);
  for (const label of list.labels) query.append("label", label);
  if (list.sort !== WHOLE_LIST.sort) query.set("sort", list.sort);
  if (list.group) query.set("group", list.group);
  if (list.group) for (const value of list.opened) query.append("open", value);
}

export function isFiltered(list: ListView): boolean {
  return list.search.trim() !== "" || list.health.length > 0 || list.touchpoint !== null || list.labels.length > 0;
}
