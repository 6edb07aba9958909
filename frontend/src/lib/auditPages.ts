"use client";

import { keepPreviousData, useInfiniteQuery, useQuery, type InfiniteData } from "@tanstack/react-query";
import { useAnswer } from "./answer";
import { api } from "./api";
import { useLanguage } from "./i18n/context";
import type { AuditCheck, AuditEntry } from "./auditTypes";

const PAGE = 50;

export function useAudit() {
  const query = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam }) => api.audit(PAGE, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: AuditEntry[]) => (page.length < PAGE ? undefined : String(page.at(-1)?.number)),
    placeholderData: keepPreviousData,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return { ...useAnswer<InfiniteData<AuditEntry[]>>(query), hasMore: hasNextPage, fetchingMore: isFetchingNextPage, fetchMore: () => void fetchNextPage() };
}

/** The whole chain is read for it: once when the tab is opened, then when somebody asks. */
export function useAuditCheck() {
  const { lang } = useLanguage();
  const query = useQuery({ queryKey: ["audit-check", lang], queryFn: api.auditCheck, staleTime: Infinity, refetchInterval: false });
  return { ...useAnswer<AuditCheck>(query), checking: query.isFetching };
}
