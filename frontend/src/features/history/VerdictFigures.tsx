"use client";

import { effectOf } from "@/lib/effect";
import type { Formatter } from "@/lib/format";
import { useLanguage } from "@/lib/i18n/context";
import type { Translate } from "@/lib/i18n/messages";
import { judged } from "@/lib/steps";
import type { Execution, Verdict } from "@/lib/types";

/** What stands behind the verdict's sentence, in one quiet line: the effect of the change alone, and from how much it is known. */
export function VerdictFigures({ execution }: { execution: Execution }) {
  const { t, format } = useLanguage();
  const verdict = judged(execution);
  if (!verdict) return null;
  const parts = [
    effectText(verdict, t, format),
    verdict.windows ? t("verdict.windows", { n: verdict.windows }) : null,
    verdict.requests ? t("verdict.requests", { n: verdict.requests }) : null,
  ];
  return <p className="muted small">{parts.filter(Boolean).join(" · ")}</p>;
}

function effectText(verdict: Verdict, t: Translate, format: Formatter): string | null {
  const effect = effectOf(verdict);
  const change = (ratio: number) => changeOf(verdict, ratio, format);
  switch (effect.known) {
    case "range":
      return t("verdict.effect", { effect: change(effect.mean), low: change(effect.low), high: change(effect.high) });
    case "bound":
      return t("verdict.effectAtLeast", { effect: change(effect.bound) });
    case "unclear":
      return t("verdict.effectUnclear");
    case "not":
      return null;
  }
}

/** Return the change that a ratio means: in points for shares, else in per cent. */
function changeOf({ metric, before }: Verdict, ratio: number, format: Formatter): string {
  return metric.endsWith("ratio") && before !== null ? format.changed(before, before * ratio, metric) : format.changed(1, ratio);
}
