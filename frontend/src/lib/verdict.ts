/** Is everything all right? The one sentence on top of the page. It is never "ok" on error, stale or unknown. */

import type { Fleet, WorstPlugin } from "./fleetTypes";
import type { ServerHealth } from "./healthTypes";
import type { Health, Plugin } from "./types";

export type FleetState = "ok" | "warning" | "critical" | "unknown" | "empty" | "stopped" | "starting" | "disconnected";

export interface FleetVerdict {
  state: FleetState;
  /** How many plugins the sentence is about, and the first of them, worst first. */
  count: number;
  named: readonly WorstPlugin[];
}

/** The engine turns every 5 s by default; after this long without a turn its figures are the past. */
export const STOPPED_AFTER_SECONDS = 60;

/** What a sentence is about, the gravest first. */
const GROUPS: readonly { state: FleetState; healths: readonly Health[] }[] = [
  { state: "critical", healths: ["critical", "inactive"] },
  { state: "warning", healths: ["warning"] },
  { state: "unknown", healths: ["unknown"] },
];

/** Return whether the figures are of the present: those of a plugin that does not run are its last ones. */
export function isMeasured(plugin: Plugin): boolean {
  return plugin.health !== "inactive" && plugin.status !== "inactive";
}

/** Return when an inactive plugin was last measured; it may still be looked at after it went. */
export function lastMeasuredAt({ since, measured_at: measuredAt }: Plugin): string | null {
  return since && measuredAt ? (Date.parse(since) < Date.parse(measuredAt) ? since : measuredAt) : since ?? measuredAt;
}

/**
 * | reachable | engine | plugins          | verdict      |
 * | no        | any    | any              | disconnected |
 * | yes       | starting, nothing seen    | starting     |
 * | yes       | silent for a minute       | stopped      |
 * | yes       | turns  | none             | empty        |
 * | yes       | turns  | worst one counts | that one     |
 */
export function fleetVerdict(fleet: Fleet | undefined, health: ServerHealth | undefined, reachable: boolean, stopped: boolean): FleetVerdict {
  const without = (state: FleetState): FleetVerdict => ({ state, count: 0, named: [] });
  if (!reachable || !fleet) return without("disconnected");
  if (health?.status === "starting" && fleet.total === 0) return without("starting");
  if (stopped) return without("stopped");
  if (fleet.total === 0) return without("empty");
  for (const { state, healths } of GROUPS) {
    const count = healths.reduce((sum, name) => sum + fleet.health[name], 0);
    if (count > 0) return { state, count, named: fleet.worst.filter((plugin) => healths.includes(plugin.health)) };
  }
  return { ...without("ok"), count: fleet.total };
}

export function isStopped(health: ServerHealth | undefined, now: number): boolean {
  return silentSeconds(health, now) > STOPPED_AFTER_SECONDS;
}

/** Return how long the engine has not turned; 0 where the server does not say. */
export function silentSeconds(health: ServerHealth | undefined, now: number): number {
  const at = health?.last_cycle?.at;
  return at ? Math.max(0, (now - Date.parse(at)) / 1000) : 0;
}
