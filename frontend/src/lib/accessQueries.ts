"use client";

import type { KnownUser, OpenSession, Token, TokenRole } from "./accessTypes";
import { administration } from "./administration";
import { useDeed } from "./deeds";
import { useAnswer } from "./query/useAnswer";

export function useTokens() {
  return useAnswer<Token[]>({ queryKey: ["tokens"], queryFn: administration.tokens });
}

export function useOpenSessions() {
  return useAnswer<OpenSession[]>({ queryKey: ["sessions"], queryFn: administration.sessions });
}

export function useUsers() {
  return useAnswer<KnownUser[]>({ queryKey: ["users"], queryFn: administration.users });
}

export function useCreateToken() {
  return useDeed((token: { name: string; role: TokenRole; days: number }) => administration.createToken(token));
}

export function useRevokeToken() {
  return useDeed((name: string) => administration.revokeToken(name));
}

export function useEndSession() {
  return useDeed((id: string) => administration.endSession(id));
}
