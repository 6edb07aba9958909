"use client";

import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { useStopHistory } from "@/lib/auditPages";
import { useLanguage } from "@/lib/i18n/context";
import { useEmergencyStop, useSession } from "@/lib/queries";

/** Whether the emergency stop is set, what that means, and who set and ended it before. */
export function StopHistory() {
  const { t } = useLanguage();
  const stop = useEmergencyStop().data;
  const admin = useSession().data?.role === "admin";
  return (
    <section aria-labelledby="stop-history-title">
      <h2 id="stop-history-title">{t("stop.historyTitle")}</h2>
      <div className="card engine-stop" data-testid="stop-state">
        <p className={stop?.stopped ? "tone-critical" : undefined}>
          <strong>{!stop ? "…" : t(stop.stopped ? "stop.stateSet" : "stop.stateNot")}</strong>
          {stop?.stopped && <> {[stop.actor, stop.reason].filter(Boolean).join(" · ")} <When at={stop.at} /></>}
        </p>
        <p className="muted small">{t("stop.means")} {t("stop.howTo")}</p>
        {admin ? <Past /> : <p className="muted small">{t("stop.historyAdmin")}</p>}
      </div>
    </section>
  );
}

function Past() {
  const { t } = useLanguage();
  const past = useStopHistory();
  if (past.failed && !past.data) return <ErrorNotice error={past.error} onRetry={past.askAgain} />;
  if (past.data?.length === 0) return <p className="muted">{t("stop.never")}</p>;
  return (
    <ol className="engine-past">
      {past.data?.map((entry) => (
        <li key={entry.number}>
          <strong>{t(entry.action === "emergency_stop.set" ? "stop.wasSet" : "stop.wasArmed")}</strong> <span>{entry.actor}</span>{" "}
          <span><When at={entry.at} />{typeof entry.detail.reason === "string" && entry.detail.reason && <> · <q>{entry.detail.reason}</q></>}</span>
        </li>
      ))}
    </ol>
  );
}
