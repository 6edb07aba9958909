"use client";

import { api } from "./api";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./query/useAnswer";
import type { Doctor } from "./healthTypes";
import type { ExecutionDetail, PluginDetail } from "./types";

export function usePlugin(id: string) {
  const { lang } = useLanguage();
  return useAnswer<PluginDetail>({ queryKey: ["plugin", id, lang], queryFn: () => api.plugin(id) });
}

export function useExecution(id: string) {
  const { lang } = useLanguage();
  return useAnswer<ExecutionDetail>({ queryKey: ["execution", id, lang], queryFn: () => api.execution(id) });
}

export function useDoctor(enabled: boolean, pluginId?: string) {
  const { lang } = useLanguage();
  return useAnswer<Doctor>({ queryKey: ["doctor", pluginId, lang], queryFn: () => api.doctor(pluginId), enabled });
}
