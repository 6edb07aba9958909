/** The words of docs/API.md about policies. */

export type PolicyValue = number | string | string[] | null;
export type Policy = Record<string, PolicyValue>;
export type Source = "built_in" | "file" | "default" | "group_file" | "group" | "plugin_file" | "plugin";

export interface PolicyOption {
  value: string;
  text: string;
  help: string;
}

export interface PolicyField {
  name: string;
  type: "choice" | "integer" | "number" | "texts";
  unit: string;
  default: PolicyValue;
  text: string;
  help: string;
  group: string;
  group_text: string;
  minimum: number | null;
  maximum: number | null;
  above: boolean;
  nullable: boolean;
  options: PolicyOption[];
}

export interface Policies {
  default: Policy;
  plugins: Record<string, Policy>;
  schema: PolicyField[];
}

export interface PolicyView {
  plugin_id: string;
  policy: Policy;
  source: Record<string, Source>;
  /** By field the group that gave the value. */
  source_group: Record<string, string>;
  /** Those the plugin belongs to, the one that wins first. */
  groups: string[];
  inherited: Policy;
  own: string[];
}

/** A value that does not fit. `plugin_id` or `group` names another one whose policy would not fit any more. */
export interface FieldError {
  field: string;
  plugin_id: string | null;
  group?: string | null;
  code: string;
  text: string;
}

export interface PreviewTotals {
  suggestions: number;
  executed: number;
  kept: number;
  undone: number;
  estimated: number;
  slow_minutes_avoided: number | null;
  worker_hours_added: number;
  memory_added_bytes_at_end: number;
}

export interface PreviewLine {
  plugin_id: string;
  description: string;
  opened_at: string;
  would_be_done: { at: string; kept: boolean | null; assumed: boolean } | null;
  estimate: { slow_minutes_avoided: number; p95_seconds: { recorded: number; replayed: number } } | null;
  held_last: { text: string } | null;
}

export type Difference = "added" | "removed" | "executed" | "not_executed" | "ended_otherwise" | "same";

export interface PreviewResult {
  since: string;
  until: string;
  history_days: number;
  looks: number;
  present: PreviewTotals;
  proposed: PreviewTotals;
  different: number;
  left_out: number;
  suggestions: { difference: Difference; present: PreviewLine | null; proposed: PreviewLine | null }[];
  notes: { code: string; text: string }[];
}

export interface Preview {
  id: string;
  plugin_id: string;
  changes: Policy;
  days: number;
  etag: string;
  actor: string;
  at: string;
  state: "running" | "done" | "failed" | "cancelled";
  progress: number;
  /** Of how many looks how many are done under which policy, and what was found by then; null before it has begun. */
  course: { answer: "first" | "full"; policy: "present" | "proposed"; looks: number; of_looks: number; suggestions: number; executed: number } | null;
  reason: { code: string; text: string; help: string | null } | null;
  result: PreviewResult | null;
}
