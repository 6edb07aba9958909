"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { Execution } from "@/lib/types";

/** The statistics behind the verdict's sentence, in one quiet line. */
export function VerdictFigures({ execution }: { execution: Execution }) {
  const { t, format } = useLanguage();
  const { verdict } = execution;
  if (!verdict) return null;
  const parts = [
    verdict.effect !== null && verdict.low !== null && verdict.high !== null
      ? t("verdict.effect", { effect: format.changed(1, verdict.effect), low: format.changed(1, verdict.low), high: format.changed(1, verdict.high) }) : null,
    verdict.windows ? t("verdict.windows", { n: verdict.windows }) : null,
    verdict.requests ? t("verdict.requests", { n: verdict.requests }) : null,
  ];
  return <p className="muted small">{parts.filter(Boolean).join(" · ")}</p>;
}
