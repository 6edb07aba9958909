"use client";

import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { ApiError } from "@/lib/api";
import { useLanguage } from "@/lib/i18n/context";
import { usePastIncident } from "@/lib/incidentPages";
import { IncidentRow } from "./IncidentRow";

/** An incident that the address names but no list holds: an earlier one, or one that is over and has another name since. */
export function LinkedIncident({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useLanguage();
  const incident = usePastIncident(id);
  if (incident.failed && incident.error instanceof ApiError && incident.error.status === 404) {
    return (
      <Notice tone="neutral" title={t("incidents.gone")} testId="incident-gone" action={<Button onClick={onClose}>{t("incidents.gone.close")}</Button>}>
        <p>{t("incidents.gone.why")}</p>
      </Notice>
    );
  }
  if (incident.failed) return <ErrorNotice error={incident.error} onRetry={incident.askAgain} />;
  if (!incident.data) return <div className="card"><Skeleton lines={3} label={t("loading")} /></div>;
  return <ol className="history"><IncidentRow incident={incident.data} open onToggle={onClose} /></ol>;
}
