export type DispatchState = "waiting" | "sending" | "delivered" | "given_up";
export type NoticeSeverity = "info" | "warning" | "critical";

export interface NotificationChannel {
  name: string;
  kind: string;
  language: string;
  events: string[];
  digest_minutes: number;
  urgent: NoticeSeverity;
  quiet_hours: string[];
  quiet_now: boolean;
  most_per_hour: number;
  settings: Record<string, unknown>;
  routes: { plugin_id: string; least: NoticeSeverity }[];
  counts: Record<DispatchState, number>;
  last_answer: string | null;
  last_at: string | null;
}

export interface NotificationChannels {
  channels: NotificationChannel[];
  unknown: string[];
  give_up_hours: number;
  remind_hours: number;
  group_seconds: number;
  dashboard_url: string;
}

/** A secret as the server shows it: where it is kept, and whether it can be read. */
export interface KeptSecret {
  reference: string;
  there: boolean;
}

export interface NotificationTrial {
  channel: string;
  delivered: boolean;
  answer: string;
  took_seconds: number;
}

export interface Notice {
  kind: string;
  phase: string;
  severity: NoticeSeverity;
  plugin_id: string | null;
  suggestion_id: string | null;
  execution_id: string | null;
  at: string | null;
  text: string;
}

export interface Dispatch {
  id: string;
  channel: string;
  state: DispatchState;
  severity: NoticeSeverity;
  title: string;
  count: number;
  notices: Notice[];
  attempts: number;
  answer: string;
  created_at: string | null;
  due_at: string | null;
  attempted_at: string | null;
  ended_at: string | null;
  gives_up_at: string | null;
  retryable: boolean;
}

export interface Rehearsal {
  days: number;
  since: string | null;
  complete: boolean;
  channels: {
    channel: string;
    messages: number;
    kinds: Record<string, number>;
    from_info: number;
    from_warning: number;
    from_critical: number;
  }[];
}
