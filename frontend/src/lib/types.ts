import type { Comparison } from "./comparison";
import type { Snooze } from "./snoozeTypes";

/** The words of docs/API.md. Times are ISO 8601 with zone; numbers are SI; null is "not measured". */

export type Value = number | string | boolean;
export type Health = "ok" | "warning" | "critical" | "inactive" | "unknown";
export type Severity = "info" | "warning" | "critical";
export type Role = "viewer" | "operator" | "admin";
export type Risk = "low" | "medium" | "high";

export type SuggestionType =
  | "increase_workers"
  | "decrease_workers"
  | "adjust_cache"
  | "update_config"
  | "recycle_workers"
  | "investigate_error"
  | "optimize_response_time"
  | "check_plugin_status";

export type SuggestionState =
  | "open" | "claimed" | "executed" | "dismissed" | "snoozed" | "superseded" | "expired" | "quarantined";

export type ExecutionState =
  | "queued" | "claimed" | "intent" | "applying" | "applied" | "settling" | "verifying" | "comparing" | "succeeded"
  | "rb_intent" | "rb_applying" | "rolled_back"
  | "aborted" | "cancelled" | "unknown" | "partial" | "foreign" | "gone" | "needs_operator";

export type Result = "in_progress" | "success" | "rolled_back" | "failed" | null;
export type Outcome = "better" | "same" | "worse" | "inconclusive";

export interface Message {
  code: string;
  params: Record<string, unknown>;
  text: string;
}

export interface Finding {
  kind: string;
  metric: string;
  severity: Severity;
  score: number;
  since: string;
  value: number | null;
  limit: number | null;
  text: string;
}

export interface Change {
  knob: string;
  before: Value | null;
  after: Value;
  unit?: string | null;
  disruption?: string | null;
  reversibility?: string | null;
}

export interface Prediction {
  metric: string;
  before: number | null;
  expected: number | null;
  low: number | null;
  high: number | null;
  model: string;
}

export interface Suggestion {
  id: string;
  plugin_id: string;
  suggestion_type: SuggestionType;
  description: string;
  created_at: string;
  updated_at: string;
  expires_at: string;
  details: {
    change: Change | null;
    prediction: Prediction | null;
    side_effects: Prediction[];
    evidence: Message[];
    findings: Finding[];
    judged_by: Message | null;
    figures: Record<string, unknown>;
  };
  risk: Risk;
  confidence: number;
  state: SuggestionState;
  revision: number;
  requires_revision: boolean;
  snooze: Snooze | null;
  executable: boolean;
  why_not_executable: string | null;
  executed: boolean;
  executed_at: string | null;
  result: Result;
  execution_id: string | null;
}

export interface Verdict {
  outcome: Outcome;
  metric: string;
  /** Share of the value before that is left: 0.14 means 14 %. Null where nothing could be compared. */
  effect: number | null;
  low: number | null;
  high: number | null;
  before: number | null;
  after: number | null;
  windows: number | null;
  requests: number | null;
  method: string;
  text: string;
  reasons: Message[];
}

export interface Execution {
  id: string;
  suggestion_id: string;
  plugin_id: string;
  suggestion_type: SuggestionType;
  description: string;
  executed_at: string;
  finished_at: string | null;
  result: Result;
  state: ExecutionState;
  approved_by: string;
  change: Change;
  verdict: Verdict | null;
  prediction: Prediction | null;
  reason: Message | null;
  persisted: boolean;
  can_roll_back: boolean;
  can_close: boolean;
  closing: Closing | null;
  /** What a person can do; null where nobody has to. */
  advice: Message | null;
  /** What runs now; null in lists that do not look, and where it cannot be read. */
  present_value: Value | null;
}

/** Somebody's word that they have looked; `value` is what stood there then. */
export interface Closing { at: string; by: string; note: string; value: Value | null; text: string }

export interface ExecutionStep {
  state: ExecutionState;
  at: string;
  actor: string;
  text: string;
}

export interface VerificationWindow {
  at: string;
  observed_seconds: number | null;
  predicted_seconds: number | null;
  without_seconds: number | null;
}

export interface ExecutionDetail extends Execution {
  steps: ExecutionStep[];
  live: { windows: VerificationWindow[]; comparison?: Comparison | null; deadline_at: string | null } | null;
}

export interface Silence extends Message {
  planner: string;
}

export interface Plugin {
  plugin_id: string;
  status: "active" | "inactive" | "unknown";
  since: string | null;
  stale: boolean;
  touchpoint: string;
  labels: Record<string, string>;
  cpu_usage: number | null;
  memory_usage: number | null;
  error_rate: number | null;
  response_time: number | null;
  metrics: Record<string, number | null>;
  measured_at: string | null;
  health: Health;
  findings: Finding[];
  open_suggestions: number;
  silences: Silence[];
  execution_id: string | null;
  sparkline: (number | null)[];
}

export interface Knob {
  name: string;
  value: Value | null;
  minimum: number | null;
  maximum: number | null;
  choices: Value[] | null;
  unit: string;
  kind: string;
  disruption: string;
  reversibility: string;
  persistent: boolean;
  suggested: Value | null;
  suggestion_id: string | null;
  turned: Turned | null;
}

/** Who set a knob: a person, the engine by itself, or `outside` (then without an execution). */
export interface Turned {
  at: string;
  by: string;
  execution_id: string | null;
}

export interface ErrorGroup {
  fingerprint: string;
  exception: string;
  message: string;
  frames: string[];
  first_seen: string;
  last_seen: string;
}

export interface PluginDetail extends Plugin {
  knobs: Knob[];
  policy: Record<string, Value | null>;
  policy_origin: Record<string, string>;
  errors: ErrorGroup[];
}

export interface Session {
  logged_in: boolean;
  name: string | null;
  role: Role | null;
  login_required: boolean;
  login_url: string | null;
  csrf_token: string | null;
  lang: string;
  /** Until when this session may do what needs a password given lately; null: not at all. */
  fresh_until?: string | null;
}

/** The last three are null while it is not set, or where the flag file holds no words. */
export interface EmergencyStop {
  stopped: boolean;
  at: string | null;
  actor: string | null;
  reason: string | null;
}

export interface Executed {
  success: boolean;
  message: string;
  execution_id: string;
  state: ExecutionState;
  already?: boolean;
}
