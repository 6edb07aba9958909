"use client";

import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { severityOf, type IncidentFilter } from "@/lib/incidentFilter";
import { useIncidents } from "@/lib/incidentPages";
import { isNamed, keyOf, narrowed, type AnyIncident } from "@/lib/incidents";
import { useFromNow } from "@/lib/now";
import { useHealth } from "@/lib/queries";
import { isStopped, silentSeconds } from "@/lib/verdict";
import { IncidentRow } from "./IncidentRow";

interface Props {
  filter: IncidentFilter;
  onToggle: (incident: AnyIncident) => void;
  onAll: () => void;
}

/** What is wrong now, the worst first. Where the engine does not turn, it is what was wrong when it last did. */
export function OpenIncidents({ filter, onToggle, onAll }: Props) {
  const { t, format } = useLanguage();
  const incidents = useIncidents();
  const health = useHealth();
  const all = incidents.data ?? [];
  const shown = narrowed(all, severityOf(filter), filter.plugin);
  const quiet = narrowed(all, "info", filter.plugin).length - shown.length;
  const stopped = useFromNow((now) => !health.failed && isStopped(health.data, now));
  const silent = useFromNow((now) => (stopped ? format.duration(silentSeconds(health.data, now)) : ""));
  const known = incidents.data !== undefined && !incidents.failed;
  return (
    <section aria-labelledby="incidents-open-title">
      <h2 id="incidents-open-title">{t("incidents.open")}{known && <span className="count" data-testid="incidents-open-count">{format.number(shown.length, 6)}</span>}</h2>
      {incidents.failed && <ErrorNotice error={incidents.error} onRetry={incidents.askAgain} />}
      {incidents.waiting && <div className="card"><Skeleton lines={4} label={t("loading")} /></div>}
      {stopped && (
        <Notice tone="warning" title={t("incidents.stale")} testId="incidents-stale">
          <p>{t("incidents.stale.why", { age: silent })}</p>
        </Notice>
      )}
      {known && shown.length === 0 && (
        <div className="card empty" data-testid="incidents-none">
          <p><strong>{t(stopped ? "incidents.none.stale" : filter.plugin || quiet > 0 ? "incidents.none.fits" : "incidents.none")}</strong></p>
          <p className="muted">{t("incidents.none.why")}</p>
        </div>
      )}
      <ol className={incidents.failed || stopped ? "history incidents-old" : "history"}>
        {shown.map((incident) => <IncidentRow key={keyOf(incident)} incident={incident} open={isNamed(incident, filter.open)} onToggle={() => onToggle(incident)} />)}
      </ol>
      {quiet > 0 && known && <p className="muted small">{t("incidents.quiet", { n: quiet })} <button type="button" className="link" data-testid="incidents-all" onClick={onAll}>{t("incidents.quiet.show")}</button></p>}
    </section>
  );
}
