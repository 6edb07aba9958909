"use client";

import { laterApi } from "./laterApi";
import type { AuditCheck, AuditEntry, AuditFilter } from "./auditTypes";
import { useLanguage } from "./i18n/context";
import { useAnswer, useFetching } from "./query/useAnswer";
import { usePages } from "./query/usePages";

const PAGE = 50;

/** The newest first; from a certain entry on, where one is asked for. */
export function useAudit({ entry, ...filter }: AuditFilter) {
  const first = entry ? String(Number(entry) + 1) : undefined;
  return usePages<AuditEntry>({
    queryKey: ["audit", filter, entry],
    queryFn: (before) => laterApi.audit(PAGE, before ?? first, filter),
    next: (page) => (page.length < PAGE ? undefined : String(page.at(-1)?.number)),
  });
}

const STOPS_SHOWN = 10;

/** When the emergency stop was set and ended, the newest first. */
export function useStopHistory() {
  return useAnswer<AuditEntry[]>({ queryKey: ["stops"], queryFn: () => laterApi.audit(STOPS_SHOWN, undefined, { action: "emergency_stop" }) });
}

/** The whole chain is read for it: once when the tab is opened, then when somebody asks. */
export function useAuditCheck() {
  const { lang } = useLanguage();
  const queryKey = ["audit-check", lang];
  const answer = useAnswer<AuditCheck>({ queryKey, queryFn: laterApi.auditCheck, staleTime: Infinity, refetchInterval: false });
  return { ...answer, checking: useFetching(queryKey) };
}
