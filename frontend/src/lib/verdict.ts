/** Is everything all right? The one sentence on top of the page. It is never "ok" on error, stale or unknown. */

import type { Plugin, ServerHealth } from "./types";

export type FleetState = "ok" | "warning" | "critical" | "unknown" | "empty" | "stopped" | "starting" | "disconnected";

export interface FleetVerdict {
  state: FleetState;
  /** The plugins the sentence is about, worst first. */
  plugins: Plugin[];
}

/** The engine turns every 5 s by default; after this long without a turn its figures are the past. */
export const STOPPED_AFTER_SECONDS = 60;

const RANK: Record<Plugin["health"], number> = { critical: 0, inactive: 1, warning: 2, unknown: 3, ok: 4 };

/** Return the health that may be shown: old figures prove nothing. */
export function shownHealth(plugin: Plugin): Plugin["health"] {
  return plugin.stale && plugin.health !== "inactive" ? "unknown" : plugin.health;
}

/** Return whether the figures are of the present: those of a plugin that does not run are its last ones. */
export function isMeasured(plugin: Plugin): boolean {
  return plugin.health !== "inactive" && plugin.status !== "inactive";
}

/** Return when an inactive plugin was last measured; it may still be looked at after it went. */
export function lastMeasuredAt({ since, measured_at: measuredAt }: Plugin): string | null {
  return since && measuredAt ? (Date.parse(since) < Date.parse(measuredAt) ? since : measuredAt) : since ?? measuredAt;
}

/** Order plugins worst first; equals by how bad their worst finding is, then by name, so that rows do not jump. */
export function worstFirst(plugins: readonly Plugin[]): Plugin[] {
  const score = (plugin: Plugin) => Math.max(0, ...plugin.findings.map((finding) => finding.score));
  return [...plugins].sort(
    (a, b) =>
      RANK[shownHealth(a)] - RANK[shownHealth(b)] ||
      Math.round(score(b) * 4) - Math.round(score(a) * 4) ||
      a.plugin_id.localeCompare(b.plugin_id),
  );
}

/**
 * | reachable | engine | plugins          | verdict      |
 * | no        | any    | any              | disconnected |
 * | yes       | starting, nothing seen    | starting     |
 * | yes       | silent for a minute       | stopped      |
 * | yes       | turns  | none             | empty        |
 * | yes       | turns  | worst one counts | that one     |
 */
export function fleetVerdict(
  plugins: readonly Plugin[], health: ServerHealth | undefined, reachable: boolean, now: number,
): FleetVerdict {
  const sorted = worstFirst(plugins);
  const those = (...wanted: Plugin["health"][]) => sorted.filter((plugin) => wanted.includes(shownHealth(plugin)));
  if (!reachable) return { state: "disconnected", plugins: [] };
  if (health?.status === "starting" && sorted.length === 0) return { state: "starting", plugins: [] };
  if (isStopped(health, now)) return { state: "stopped", plugins: [] };
  if (sorted.length === 0) return { state: "empty", plugins: [] };
  const groups = [
    { state: "critical" as const, plugins: those("critical", "inactive") },
    { state: "warning" as const, plugins: those("warning") },
    { state: "unknown" as const, plugins: those("unknown") },
  ];
  return groups.find((group) => group.plugins.length > 0) ?? { state: "ok", plugins: sorted };
}

export function isStopped(health: ServerHealth | undefined, now: number): boolean {
  return silentSeconds(health, now) > STOPPED_AFTER_SECONDS;
}

/** Return how long the engine has not turned; 0 where the server does not say. */
export function silentSeconds(health: ServerHealth | undefined, now: number): number {
  const at = health?.last_cycle?.at;
  return at ? Math.max(0, (now - Date.parse(at)) / 1000) : 0;
}
