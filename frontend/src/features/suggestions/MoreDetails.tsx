"use client";

import { CurveChart } from "@/components/optimization/CurveChart";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { partName } from "@/lib/partName";
import type { Message, Suggestion } from "@/lib/types";

/** What stands behind the suggestion, for those who want to know. */
export default function MoreDetails({ suggestion, evidence }: { suggestion: Suggestion; evidence: Message[] }) {
  const { t, format } = useLanguage();
  const { details } = suggestion;
  return (
    <div className="more-body">
      <CurveChart figures={details.figures ?? {}} change={details.change} />
      {evidence.length > 0 && <ul className="evidence">{evidence.map((message, index) => <li key={`${message.code}-${index}`}>{message.text}</li>)}</ul>}
      {!details.change && details.judged_by && <><h4>{t("suggestion.judged")}</h4><p>{details.judged_by.text}</p></>}
      {details.findings.length > 0 && (
        <>
          <h4>{t("panel.findings")}</h4>
          <ul className="plain-list">
            {details.findings.map((finding) => (
              <li key={`${finding.kind}-${finding.metric}`}>
                {finding.text} <span className="muted small">{t("panel.since")} <When at={finding.since} only="relative" /></span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="muted small">
        {!details.change && <>{t("suggestion.confidence")} {format.share(suggestion.confidence)} · </>}
        {details.prediction && <>{t("suggestion.model", { model: partName(t, "model", details.prediction.model) })} · </>}
        {t("suggestion.revision", { revision: suggestion.revision })} · <When at={suggestion.updated_at} only="relative" />
      </p>
    </div>
  );
}
