import type { Message } from "./types";

export interface RehearsalCheck {
  code: string;
  ok: boolean;
  text: string;
  /** What stands in the way; null where nothing does. */
  why: Message | null;
}

/** What a real execution would find and do, looked at without doing it. */
export interface Rehearsal {
  suggestion_id: string;
  revision: number;
  requires_revision: boolean;
  would_execute: boolean;
  message: string;
  checks: RehearsalCheck[];
  course: Message[];
  not_known: Message;
  checked_at: string;
}
