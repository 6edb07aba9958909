"use client";

import { laterApi } from "./laterApi";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./query/useAnswer";
import type { Doctor } from "./healthTypes";
import type { ExecutionDetail, PluginDetail } from "./types";

export function usePlugin(id: string) {
  const { lang } = useLanguage();
  return useAnswer<PluginDetail>({ queryKey: ["plugin", id, lang], queryFn: () => laterApi.plugin(id) });
}

export function useExecution(id: string) {
  const { lang } = useLanguage();
  return useAnswer<ExecutionDetail>({ queryKey: ["execution", id, lang], queryFn: () => laterApi.execution(id) });
}

export function useDoctor(enabled: boolean, pluginId?: string) {
  const { lang } = useLanguage();
  return useAnswer<Doctor>({ queryKey: ["doctor", pluginId, lang], queryFn: () => laterApi.doctor(pluginId), enabled });
}
