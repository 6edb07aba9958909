"use client";

import { lazy, Suspense, useState } from "react";
import { Icon } from "@/components/ui/Icon";
import { Skeleton } from "@/components/ui/Skeleton";
import { ChangeDiff } from "@/components/optimization/ChangeDiff";
import { Effect } from "@/components/optimization/Effect";
import { SideEffects } from "@/components/optimization/SideEffects";
import { useLanguage } from "@/lib/i18n/context";
import { isAdvice } from "@/lib/rank";
import { splitTrackRecord } from "@/lib/trackRecord";
import { sentence } from "@/lib/sentence";
import type { Suggestion } from "@/lib/types";
import { DismissButton } from "./DismissButton";
import { SeverityMark } from "./SeverityMark";
import { ExecuteButton } from "./ExecuteButton";
import { Facts } from "./Facts";
import { useRehearse } from "./Rehearse";
import { SnoozeButton } from "./SnoozeButton";

const MoreDetails = lazy(() => import("./MoreDetails"));

interface Props {
  suggestion: Suggestion;
  onShowExecution: (id: string) => void;
  onDismissed: () => void;
  outdated: boolean;
}

const EVIDENCE_AT_FIRST = 3;

/** A decision on one screen: what, why, what it will do, what can go wrong, and the button. */
export function SuggestionCard({ suggestion, onShowExecution, onDismissed, outdated }: Props) {
  const { t } = useLanguage();
  const { details } = suggestion;
  const { record, reasons } = splitTrackRecord(details.evidence);
  const [more, setMore] = useState(false);
  const advice = isAdvice(suggestion);
  const rehearse = useRehearse(suggestion);
  return (
    <article
      className="card suggestion" data-testid={`suggestion-${suggestion.plugin_id}-${suggestion.suggestion_type}`}
      data-suggestion-id={suggestion.id} aria-labelledby={`title-${suggestion.id}`}
    >
      <header className="suggestion-head">
        <div>
          <p className="suggestion-plugin">
            <SeverityMark findings={details.findings} />
            {suggestion.plugin_id} <span className="muted">· {t(`type.${suggestion.suggestion_type}`)}</span>
          </p>
          <h3 id={`title-${suggestion.id}`}>{suggestion.description}</h3>
        </div>
        {advice
          ? <span className="advice-mark">{t("suggestion.advice")}</span>
          : <ExecuteButton suggestion={suggestion} onShowExecution={onShowExecution} outdated={outdated} />}
      </header>
      {details.change && <ChangeDiff change={details.change} />}
      {details.prediction && <Effect prediction={details.prediction} />}
      {record && <p className="muted small">{record.text}</p>}
      {!advice && <Facts suggestion={suggestion} />}
      <ul className="evidence" aria-label={t("suggestion.evidence")}>
        {reasons.slice(0, EVIDENCE_AT_FIRST).map((message, index) => <li key={`${message.code}-${index}`}>{message.text}</li>)}
      </ul>
      {details.change && (
        <div className="suggestion-side">
          <h4>{t("suggestion.side")}</h4>
          <SideEffects effects={details.side_effects} />
        </div>
      )}
      {!advice && <Judgement suggestion={suggestion} />}
      <footer className="suggestion-foot">
        <button type="button" className="link disclosure" aria-expanded={more} onClick={() => setMore(!more)}>
          {t("suggestion.moreEvidence")} <Icon name="down" size={13} />
        </button>
        {suggestion.state === "open" && (
          <div className="suggestion-tools">
            {!advice && rehearse.button}
            <SnoozeButton suggestion={suggestion} />
            <DismissButton suggestion={suggestion} onDismissed={onDismissed} />
          </div>
        )}
      </footer>
      {rehearse.report}
      {more && (
        <Suspense fallback={<Skeleton lines={3} label={t("loading")} />}>
          <MoreDetails suggestion={suggestion} evidence={reasons.slice(EVIDENCE_AT_FIRST)} />
        </Suspense>
      )}
    </article>
  );
}

/** How it will be judged, and what happens where it does not help: said before the click. */
function Judgement({ suggestion }: { suggestion: Suggestion }) {
  const { t } = useLanguage();
  const { change, judged_by: judgedBy } = suggestion.details;
  const lasting = change?.reversibility === "irreversible" || change?.reversibility === "lossy";
  return (
    <div className="suggestion-side">
      <h4>{t("suggestion.judged")}</h4>
      <p>{judgedBy ? sentence(judgedBy.text) : t("confirm.judged")} {t(lasting ? "confirm.lasting" : "confirm.undone")}</p>
    </div>
  );
}
