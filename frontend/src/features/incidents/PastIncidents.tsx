"use client";

import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { exportUrl } from "@/lib/laterApi";
import { useLanguage } from "@/lib/i18n/context";
import { isNarrowed, pastQuery, type IncidentFilter } from "@/lib/incidentFilter";
import { useIncidents, usePastCount, usePastIncidents } from "@/lib/incidentPages";
import { isNamed, type AnyIncident } from "@/lib/incidents";
import { IncidentRow } from "./IncidentRow";
import { LinkedIncident } from "./LinkedIncident";

interface Props {
  filter: IncidentFilter;
  onToggle: (incident: AnyIncident) => void;
  onClose: () => void;
}

/** What is over, the latest first, page by page, and as files that hold the same. */
export function PastIncidents({ filter, onToggle, onClose }: Props) {
  const { t, format } = useLanguage();
  const past = usePastIncidents(filter);
  const total = usePastCount(filter);
  const present = useIncidents();
  const query = pastQuery(filter);
  const rows = past.data?.pages.flat() ?? [];
  const { open } = filter;
  const linked = open && past.data && present.data && ![...rows, ...present.data].some((each) => isNamed(each, open)) ? open : null;
  return (
    <section aria-labelledby="incidents-past-title">
      <div className="section-head">
        <h2 id="incidents-past-title">{t("incidents.past")}{total !== undefined && <span className="count" data-testid="incidents-past-count">{format.number(total, 6)}</span>}</h2>
        <div className="section-tools">
          <a className="link" data-testid="incidents-csv" href={exportUrl("incidents/past", "csv", query)} download>{t("history.csv")}</a>
          <a className="link" data-testid="incidents-json" href={exportUrl("incidents/past", "json", query)} download>{t("history.json")}</a>
        </div>
      </div>
      {past.failed && <ErrorNotice error={past.error} onRetry={() => void past.askAgain()} />}
      {past.waiting && <div className="card"><Skeleton lines={6} label={t("loading")} /></div>}
      {linked && <LinkedIncident id={linked} onClose={onClose} />}
      {past.data && !past.failed && rows.length === 0 && (
        <p className="card empty" data-testid="incidents-past-none">{t(isNarrowed(filter) ? "incidents.past.noneFits" : "incidents.past.none")}</p>
      )}
      <ol className={past.failed || past.previous ? "history incidents-old" : "history"}>
        {rows.map((incident) => <IncidentRow key={incident.id} incident={incident} open={isNamed(incident, open)} onToggle={() => onToggle(incident)} />)}
      </ol>
      {past.hasMore && <Button icon="down" busy={past.fetchingMore} data-testid="incidents-more" onClick={past.fetchMore}>{t("history.more")}</Button>}
    </section>
  );
}
