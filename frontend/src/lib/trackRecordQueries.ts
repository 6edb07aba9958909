"use client";

import { laterApi } from "./laterApi";
import { queryOf, type HistorySearch } from "./historySearch";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./query/useAnswer";

export function useTrackRecord(pluginId: string | null, search: HistorySearch) {
  const { lang } = useLanguage();
  const { from, to } = queryOf(search, pluginId);
  const query = { plugin_id: pluginId ?? undefined, from, to };
  return useAnswer({ queryKey: ["track-record", query, lang], queryFn: () => laterApi.trackRecord(query), keepPrevious: true });
}

export function useCalibration(pluginId: string | null) {
  const { lang } = useLanguage();
  return useAnswer({ queryKey: ["calibration", pluginId, lang], queryFn: () => laterApi.calibration(pluginId ?? undefined), keepPrevious: true });
}
