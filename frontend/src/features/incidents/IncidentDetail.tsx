"use client";

import { NoProblem } from "@/components/optimization/NoProblem";
import { Way } from "@/components/optimization/Way";
import { When } from "@/components/optimization/When";
import { findingName } from "@/lib/findingName";
import { useLanguage } from "@/lib/i18n/context";
import { changesBefore, isOver, stretchAround, unusualIn, wordOn, type AnyIncident } from "@/lib/incidents";
import type { FeedbackWord, IncidentPart } from "@/lib/incidentTypes";
import { useNow } from "@/lib/now";
import { partName } from "@/lib/partName";
import { executionAddress, pluginAddress } from "@/lib/ways";
import { FindingChart } from "./FindingChart";
import { useChangeWords } from "./why";

const DRAWN = 4; // of what moved first; the rest is on the pages of its plugins

/** What moved first and what followed, each drawn; and what was changed just before. */
export default function IncidentDetail({ incident, words }: { incident: AnyIncident; words: readonly FeedbackWord[] }) {
  const { t } = useLanguage();
  const until = isOver(incident) ? incident.until : null;
  return (
    <div className="history-detail" data-testid={`incident-detail-${incident.id}`}>
      <div className="incident-columns">
        <div>
          <h4>{t("incidents.moved")}</h4>
          <ol className="incident-parts">
            {incident.parts.map((part, index) => (
              <Part key={`${part.plugin_id}-${part.finding.kind}-${part.finding.metric}`} part={part} first={index === 0} until={until} words={words} />
            ))}
          </ol>
        </div>
        <div>
          <h4>{t("incidents.changes")}</h4>
          <Changes incident={incident} />
        </div>
      </div>
      <div className="incident-charts">
        {incident.parts.slice(0, DRAWN).map((part) => (
          <FindingChart key={`${part.plugin_id}-${part.finding.kind}-${part.finding.metric}`} part={part} since={incident.since} until={until} />
        ))}
      </div>
    </div>
  );
}

function Part({ part, first, until, words }: { part: IncidentPart; first: boolean; until: string | null; words: readonly FeedbackWord[] }) {
  const { t, format } = useLanguage();
  const now = useNow();
  const { finding, plugin_id: pluginId } = part;
  const unusual = first ? null : unusualIn(part, now);
  return (
    <li>
      <span className="incident-after">{first ? t("incidents.first") : t("incidents.after", { span: format.duration(part.after_seconds) })}</span>
      <span className="incident-part">
        <span className={`tone-${finding.severity}`}>{findingName(t, finding.kind) ?? finding.kind}</span>{" "}
        <Way to={pluginAddress(pluginId, until ? stretchAround(finding.since, until, now) : undefined)}>{pluginId}</Way>
        <span>{finding.text}</span>
        {finding.evidence.map((message, index) => <span key={`${message.code}-${index}`} className="muted">{message.text}</span>)}
        {unusual && <NoProblem pluginId={pluginId} unusual={unusual} feedback={wordOn(part, words)} about={finding.text} />}
      </span>
    </li>
  );
}

function Changes({ incident }: { incident: AnyIncident }) {
  const { t } = useLanguage();
  const words = useChangeWords();
  const changes = changesBefore(incident);
  if (changes.length === 0) return <p className="muted">{t("incidents.changes.none")}</p>;
  return (
    <ol className="incident-changes">
      {changes.map((change) => (
        <li key={change.key}>
          {change.executionId ? <Way to={executionAddress(change.executionId)}>{words(change)}</Way> : words(change)}
          <span className="muted small">{change.by && (change.by === "outside" ? t("knob.turned.outside") : partName(t, "author", change.by))} <When at={change.at} /></span>
        </li>
      ))}
    </ol>
  );
}
