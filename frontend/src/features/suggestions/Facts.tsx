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
      <Samples figures={suggestion.details.figures} />
      {change?.disruption && <div><dt>{t("suggestion.disruption")}</dt><dd>{t(`disruption.${change.disruption}` as MessageKey)}</dd></div>}
      {change?.reversibility && <div><dt>{t("suggestion.reversibility")}</dt><dd>{t(`reversibility.${change.reversibility}` as MessageKey)}</dd></div>}
    </dl>
  );
}

/** From how much the prediction was computed, as far as its planner says so. */
function Samples({ figures }: { figures: Suggestion["details"]["figures"] }) {
  const { t, format } = useLanguage();
  const { requests, accesses, span_seconds: span } = figures;
  const parts = [
    typeof requests === "number" && t("samples.requests", { n: requests, number: format.number(requests) }),
    typeof accesses === "number" && t("samples.accesses", { n: accesses, number: format.number(accesses) }),
    typeof span === "number" && format.duration(span),
  ].filter(Boolean);
  if (parts.length === 0) return null;
  return <div><dt>{t("suggestion.samples")}</dt><dd>{parts.join(" · ")}</dd></div>;
}
