/** What is told of an incident: what was changed before it, in one shape, and what leads on from it. */

import { SEVERITIES } from "./incidentFilter";
import type { FeedbackWord, Incident, IncidentPart, PastIncident, Turned } from "./incidentTypes";
import type { Mark, UnusualOnset } from "./pluginTypes";
import type { Execution, Severity, Suggestion } from "./types";

export type AnyIncident = Incident | PastIncident;

/** Something that was turned before an incident; `words` is null where only knob and values are known. */
export interface ChangeBefore {
  key: string;
  at: string;
  pluginId: string | null;
  words: string | null;
  turned: Pick<Turned, "knob" | "before" | "after"> | null;
  executionId: string | null;
  by: string | null;
}

const UNUSUAL: ReadonlySet<string> = new Set(["level", "deviation", "shift", "variance"]);
const NEAR_MS = 600_000; // as the server takes two onsets for the same
const ON_RECORD_MS = 14 * 86_400_000; // so long the server can tell which episode is meant

export function isOver(incident: AnyIncident): incident is PastIncident {
  return "duration_seconds" in incident;
}

const NAME = /^(.+)-([a-z]+)-(\d+)$/;
const NEAR_MINUTES = 5;

/**
 * Tell whether a name means this incident. What is wrong now is named by plugin, kind and minute of what moved first; onsets move
 * a little while it lasts, something earlier may be found, and once it is over it has a name of its own: a part like that is enough.
 */
export function isNamed(incident: AnyIncident, name: string | undefined): boolean {
  if (incident.id === name) return true;
  const [, plugin, kind, minute] = NAME.exec(name ?? "") ?? [];
  return incident.parts.some(({ plugin_id, finding }) =>
    plugin_id === plugin && finding.kind === kind && Math.abs(Date.parse(finding.since) / 60_000 - Number(minute)) <= NEAR_MINUTES);
}

/** Return what stays of an incident while its name changes. */
export function keyOf({ id, parts: [first] }: AnyIncident): string {
  return first ? `${first.plugin_id}-${first.finding.kind}-${first.finding.metric}` : id;
}

/** Return what was turned before, the latest first: it is the likeliest. */
export function changesBefore(incident: AnyIncident): ChangeBefore[] {
  const found = isOver(incident) ? incident.changes.map(ofTurned) : incident.changes.map(ofMark);
  return found.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function ofMark(mark: Mark, index: number): ChangeBefore {
  return { key: `${mark.at}-${index}`, at: mark.at, pluginId: null, words: mark.text, turned: null, executionId: mark.execution_id, by: mark.by };
}

function ofTurned(turned: Turned, index: number): ChangeBefore {
  const executionId = turned.by === "outside" ? null : turned.by;
  return { key: `${turned.at}-${index}`, at: turned.at, pluginId: turned.plugin_id, words: null, turned, executionId, by: executionId ? null : turned.by };
}

export type Reason = { is: "change"; change: ChangeBefore; secondsBefore: number; more: number } | { is: "evidence"; text: string } | { is: "more"; parts: number } | { is: "unknown" };

/** Return what explains it best: a change just before it, else what the finding rests on, else what followed it. */
export function reasonOf(incident: AnyIncident): Reason {
  const changes = changesBefore(incident);
  const [change] = changes;
  if (change) return { is: "change", change, secondsBefore: Math.max(0, (Date.parse(incident.since) - Date.parse(change.at)) / 1000), more: changes.length - 1 };
  const evidence = incident.parts[0]?.finding.evidence[0]?.text;
  if (evidence) return { is: "evidence", text: evidence };
  return incident.parts.length > 1 ? { is: "more", parts: incident.parts.length - 1 } : { is: "unknown" };
}

/** Return those that struck a plugin (any for undefined) and are so severe or worse. */
export function narrowed(incidents: readonly Incident[], severity: Severity, pluginId?: string): Incident[] {
  const least = SEVERITIES.indexOf(severity);
  return incidents.filter((each) => SEVERITIES.indexOf(each.severity) >= least && (!pluginId || each.plugin_ids.includes(pluginId)));
}

/** Return the open suggestions that rest on a finding of the incident. */
export function suggestionsFor(incident: AnyIncident, suggestions: readonly Suggestion[]): Suggestion[] {
  const rests = ({ plugin_id: pluginId, details }: Suggestion, { plugin_id, finding }: IncidentPart) =>
    pluginId === plugin_id && details.findings.some(({ kind, metric }) => kind === finding.kind && metric === finding.metric);
  return suggestions.filter((suggestion) => suggestion.state === "open" && incident.parts.some((part) => rests(suggestion, part)));
}

/** Return what was executed in the plugins of an incident since it began, the newest first. */
export function runsSince(incident: Incident, runs: readonly Execution[]): Execution[] {
  return runs.filter((run) => incident.plugin_ids.includes(run.plugin_id) && Date.parse(run.executed_at) >= Date.parse(incident.since));
}

/** Return what can be called no problem of a part; null where that is no question of what is usual, or is too long ago. */
export function unusualIn({ finding }: IncidentPart, now: number): UnusualOnset | null {
  if (!UNUSUAL.has(finding.kind) || now - Date.parse(finding.since) > ON_RECORD_MS) return null;
  return { metric: finding.metric, kind: finding.kind, since: finding.since };
}

/** Return the word that was said of a part and holds; null where there is none. */
export function wordOn({ plugin_id, finding }: IncidentPart, words: readonly FeedbackWord[]): FeedbackWord | null {
  const isOf = (word: FeedbackWord) =>
    word.undone_at === null && word.plugin_id === plugin_id && word.metric === finding.metric && word.kind === finding.kind
    && Math.abs(Date.parse(word.since) - Date.parse(finding.since)) <= NEAR_MS;
  return words.find(isOf) ?? null;
}

const AROUND_MS = 1_800_000;
const MOST_MS = 86_400_000;

/** Return the stretch of time in which an incident is seen to begin, in ms: half an hour before until its end, a day at the most. */
export function stretchAround(since: string, until: string | null, now: number): { from: number; to: number } {
  const begun = Date.parse(since);
  const ended = until ? Date.parse(until) + AROUND_MS / 3 : now;
  return { from: begun - AROUND_MS, to: Math.min(now, Math.max(begun + AROUND_MS / 3, ended), begun + MOST_MS) };
}
