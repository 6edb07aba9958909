import type { Message } from "./types";

export interface AuditEntry {
  number: number;
  at: string | null;
  actor: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
  digest: string;
}

export interface AuditCheck {
  ok: boolean;
  entries: number;
  head: { number: number; digest: string } | null;
  anchors: number;
  last_anchor: { number: number; digest: string; at: string | null } | null;
  read_only: boolean;
  trouble: (Message & { help: string | null }) | null;
  checked_at: string;
}

/** Which entries: `action` takes a whole one (`execution.succeeded`) or its first word. */
export interface AuditFilter {
  actor?: string;
  action?: string;
  subject?: string;
  /** The number of an entry: it comes first, then those before it. */
  entry?: string;
}
