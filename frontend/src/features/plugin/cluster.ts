import type { Feedback, Mark, MarkKind, Onset, UnusualOnset } from "@/lib/pluginTypes";

/** Something that happened, at its place on a time axis. */
export interface Happening {
  key: string;
  at: number;
  /** `unusual`: a figure that is not as it used to be; `onset`: one that is worse than it may be. */
  kind: MarkKind | "onset" | "unusual";
  text: string;
  executionId: string | null;
  by: string | null;
  auditNumber: number | null;
  /** Of an onset: how bad it is, and what it is about. */
  severity: Onset["severity"] | null;
  finding: string | null;
  metric: string | null;
  present: boolean;
  /** Of what is not as it used to be: what can be called no problem, and the word that it was. */
  unusual: UnusualOnset | null;
  feedback: Feedback | null;
}

/** Happenings that lie too near to each other to be told apart, by time. `at` is the middle of them. */
export interface Cluster {
  at: number;
  members: Happening[];
}

const UNUSUAL = new Set(["level", "deviation", "shift", "variance"]);

export function happenings(marks: readonly Mark[], onsets: readonly Onset[]): Happening[] {
  const changed = marks.map((mark, index): Happening => ({
    key: `${mark.kind}-${mark.at}-${index}`, at: Date.parse(mark.at), kind: mark.kind, text: mark.text, executionId: mark.execution_id, by: mark.by, auditNumber: mark.audit_number,
    severity: null, finding: null, metric: null, present: false, unusual: null, feedback: null,
  }));
  const begun = onsets.map((onset): Happening => ({
    key: `onset-${onset.kind}-${onset.metric}-${onset.at}`, at: Date.parse(onset.at), kind: UNUSUAL.has(onset.kind) ? "unusual" : "onset", text: onset.text,
    executionId: null, by: null, auditNumber: null,
    severity: onset.severity, finding: onset.kind, metric: onset.metric, present: onset.present, feedback: onset.feedback ?? null,
    unusual: UNUSUAL.has(onset.kind) ? { metric: onset.metric, kind: onset.kind, since: onset.at } : null,
  }));
  return [...changed, ...begun].sort((a, b) => a.at - b.at);
}

/** Return what belongs on the chart of a metric: every change, and the onsets of what is wrong with this metric. */
export function onChartOf(metric: string, all: readonly Happening[]): Happening[] {
  return all.filter((each) => each.metric === null || each.metric === metric);
}

/** Put together what lies within `nearMs` of the first of its cluster; `all` is by time. */
export function clustered(all: readonly Happening[], nearMs: number): Cluster[] {
  const found: Happening[][] = [];
  for (const each of all) {
    const last = found.at(-1);
    if (last?.[0] && each.at - last[0].at <= nearMs) last.push(each);
    else found.push([each]);
  }
  return found.map((members) => ({ at: members.reduce((sum, each) => sum + each.at, 0) / members.length, members }));
}

/** Whether something was found on a metric that is worth a closer look. */
export function isFlagged(metric: string, all: readonly Happening[]): boolean {
  return all.some((each) => each.metric === metric);
}
