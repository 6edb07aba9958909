/** What is wrong and what was, in the words of docs/API.md. */

import type { Mark } from "./pluginTypes";
import type { ExecutionState, Finding, Message, Result, Severity, Value } from "./types";

export interface IncidentFinding extends Finding {
  evidence: Message[];
}

/** `after_seconds`: how long after the first one it began. */
export interface IncidentPart {
  plugin_id: string;
  after_seconds: number;
  finding: IncidentFinding;
}

interface Told {
  id: string;
  /** The worst it is, or ever was. */
  severity: Severity;
  since: string;
  plugin_ids: string[];
  text: string;
  /** By the time they began: the first moved first. */
  parts: IncidentPart[];
}

/** What is wrong now; `changes` is what was turned in the ten minutes before. */
export interface Incident extends Told {
  changes: Mark[];
}

/** A setting that was turned in the ten minutes before; `by` is `outside` or the id of an execution. */
export interface Turned {
  at: string;
  plugin_id: string;
  knob: string;
  before: Value;
  after: Value;
  by: string;
}

/** An execution that was ordered meanwhile, or within ten minutes of the end. */
export interface Done {
  id: string;
  plugin_id: string;
  text: string;
  at: string;
  state: ExecutionState;
  state_text: string;
  result: Result;
  approved_by: string;
}

export interface PastIncident extends Told {
  until: string | null;
  duration_seconds: number;
  changes: Turned[];
  executions: Done[];
}

/** Somebody's word that something unusual was no problem; `undone_at` is null while it holds. */
export interface FeedbackWord {
  id: string;
  plugin_id: string;
  metric: string;
  kind: string;
  since: string;
  at: string;
  by: string;
  undone_at: string | null;
}
