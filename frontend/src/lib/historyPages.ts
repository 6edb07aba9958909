"use client";

import { api } from "./api";
import { laterApi } from "./laterApi";
import { queryOf, type HistorySearch } from "./historySearch";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./query/useAnswer";
import { usePages } from "./query/usePages";
import type { Execution } from "./types";

const PAGE = 50;

export function useHistory(pluginId: string | null, search: HistorySearch) {
  const { lang } = useLanguage();
  const query = queryOf(search, pluginId);
  return usePages<Execution>({
    queryKey: ["history", query, lang],
    queryFn: (after) => api.history({ ...query, after }),
    next: (page) => (page.length < PAGE ? undefined : page.at(-1)?.id),
  });
}

/** How many there are in all; undefined while words are looked for, which the server counts as it reads. */
export function useHistoryCount(pluginId: string | null, search: HistorySearch): number | undefined {
  const { lang } = useLanguage();
  const query = queryOf(search, pluginId);
  const counted = useAnswer({ queryKey: ["history-count", query, lang], queryFn: () => laterApi.historyCount(query), enabled: !search.words });
  return search.words ? undefined : counted.data;
}
