"use client";

import { api } from "./api";
import type { AuditCheck, AuditEntry } from "./auditTypes";
import { useLanguage } from "./i18n/context";
import { useAnswer, useFetching } from "./query/useAnswer";
import { usePages } from "./query/usePages";

const PAGE = 50;

export function useAudit() {
  return usePages<AuditEntry>({
    queryKey: ["audit"],
    queryFn: (before) => api.audit(PAGE, before),
    next: (page) => (page.length < PAGE ? undefined : String(page.at(-1)?.number)),
  });
}

/** The whole chain is read for it: once when the tab is opened, then when somebody asks. */
export function useAuditCheck() {
  const { lang } = useLanguage();
  const queryKey = ["audit-check", lang];
  const answer = useAnswer<AuditCheck>({ queryKey, queryFn: api.auditCheck, staleTime: Infinity, refetchInterval: false });
  return { ...answer, checking: useFetching(queryKey) };
}
