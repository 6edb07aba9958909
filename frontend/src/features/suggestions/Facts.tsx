"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import type { Suggestion } from "@/lib/types";

const HIGH = 0.8;
const LOW = 0.5;

function confidenceWord(confidence: number): "high" | "medium" | "low" {
  return confidence >= HIGH ? "high" : confidence >= LOW ? "medium" : "low";
}

export function Facts({ suggestion }: { suggestion: Suggestion }) {
  const { t, format } = useLanguage();
  const { change } = suggestion.details;
  return (
    <dl className="facts">
      <div>
        <dt>{t("suggestion.confidence")}</dt>
        <dd title={t("confidence.why")}>
          <meter min={0} max={1} value={suggestion.confidence} aria-label={t("suggestion.confidence")} />
          {t(`confidence.${confidenceWord(suggestion.confidence)}`)} <span className="muted">{format.share(suggestion.confidence)}</span>
        </dd>
      </div>
      <div><dt>{t("suggestion.risk")}</dt><dd className={`risk-${suggestion.risk}`}>{t(`risk.${suggestion.risk}`)}</dd></div>
      {change?.disruption && <div><dt>{t("suggestion.disruption")}</dt><dd>{t(`disruption.${change.disruption}` as MessageKey)}</dd></div>}
      {change?.reversibility && <div><dt>{t("suggestion.reversibility")}</dt><dd>{t(`reversibility.${change.reversibility}` as MessageKey)}</dd></div>}
    </dl>
  );
}
