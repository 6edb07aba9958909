"use client";

import { keepPreviousData, useInfiniteQuery, type InfiniteData } from "@tanstack/react-query";
import { useAnswer } from "./answer";
import { api } from "./api";
import { useLanguage } from "./i18n/context";
import type { Execution } from "./types";

const PAGE = 50;

export function useHistory(pluginId: string | null) {
  const { lang } = useLanguage();
  const query = useInfiniteQuery({
    queryKey: ["history", pluginId, lang],
    queryFn: ({ pageParam }) => api.history(pluginId ?? undefined, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Execution[]) => (page.length < PAGE ? undefined : page.at(-1)?.id),
    placeholderData: keepPreviousData,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return { ...useAnswer<InfiniteData<Execution[]>>(query), hasMore: hasNextPage, fetchingMore: isFetchingNextPage, fetchMore: () => void fetchNextPage() };
}
