import type { Role } from "./types";

/** A token may also be one that only sends figures. */
export type TokenRole = Role | "sender";

export interface Token {
  name: string;
  role: TokenRole;
  created_at: string | null;
  expires_at: string | null;
}

export interface NewToken {
  name: string;
  role: TokenRole;
  /** The secret: shown once, known to nobody afterwards. */
  token: string;
  expires_at: string | null;
}

export interface OpenSession {
  id: string;
  name: string;
  role: Role;
  opened_at: string | null;
  seen_at: string | null;
  expires_at: string | null;
  here: boolean;
}

export interface KnownUser {
  name: string;
  role: Role;
  sessions: number;
  seen_at: string | null;
}
