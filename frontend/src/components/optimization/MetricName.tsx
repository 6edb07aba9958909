"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";

/** Return a metric's name in the reader's language; an unknown one keeps the name it has in the API. */
export function useMetricName(): (metric: string) => string {
  const { t } = useLanguage();
  return (metric) => {
    const key = `metric.${metric}` as MessageKey;
    const name = t(key);
    return name === key ? metric : name;
  };
}
