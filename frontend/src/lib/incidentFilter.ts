/** Which incidents are looked at, as it stands in the address of their page. */

import { midnight } from "./historySearch";
import { WHOLE_LIST } from "./listView";
import type { Severity } from "./types";
import { viewAddress } from "./urlState";

const PARTS = ["plugin", "severity", "from", "to", "open"] as const;

/** `severity` or worse; `open` is the incident whose details are shown; days are those of the reader. */
export type IncidentFilter = Readonly<Partial<Record<(typeof PARTS)[number], string>>>;

export const SEVERITIES: readonly Severity[] = ["info", "warning", "critical"];
/** What hurts nobody is shown when it is asked for. */
export const DEFAULT_SEVERITY: Severity = "warning";

export function parseIncidentFilter(text: string | null | undefined): IncidentFilter {
  const query = new URLSearchParams(text ?? "");
  return Object.fromEntries(PARTS.map((part) => [part, query.get(part)]).filter(([, value]) => value));
}

/** Return the words of the address, without what is as at the start; null for the whole list. */
export function writeIncidentFilter(filter: IncidentFilter): string | null {
  const given = PARTS.flatMap((part) => (filter[part] && !(part === "severity" && filter[part] === DEFAULT_SEVERITY) ? [[part, filter[part]]] : []));
  return new URLSearchParams(given).toString() || null;
}

export function severityOf(filter: IncidentFilter): Severity {
  return SEVERITIES.find((name) => name === filter.severity) ?? DEFAULT_SEVERITY;
}

/** Return the query of the server for what is over; the last day is meant as a whole. */
export function pastQuery(filter: IncidentFilter): Record<string, string | undefined> {
  const severity = severityOf(filter);
  return {
    plugin_id: filter.plugin,
    severity: severity === "info" ? undefined : severity,
    from: midnight(filter.from, 0),
    to: midnight(filter.to, 1),
  };
}

export function isNarrowed(filter: IncidentFilter): boolean {
  return Boolean(filter.plugin ?? filter.from ?? filter.to) || severityOf(filter) !== DEFAULT_SEVERITY;
}

export function incidentsAddress(filter: IncidentFilter): string {
  return viewAddress({ tab: "incidents", plugin: null, page: null, execution: null, list: WHOLE_LIST, filter: writeIncidentFilter(filter) });
}
