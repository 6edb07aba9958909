"use client";

import { api } from "./api";
import { useLanguage } from "./i18n/context";
import { usePages } from "./query/usePages";
import type { Execution } from "./types";

const PAGE = 50;

export function useHistory(pluginId: string | null) {
  const { lang } = useLanguage();
  return usePages<Execution>({
    queryKey: ["history", pluginId, lang],
    queryFn: (after) => api.history(pluginId ?? undefined, after),
    next: (page) => (page.length < PAGE ? undefined : page.at(-1)?.id),
  });
}
