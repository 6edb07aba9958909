"use client";

import { errorText } from "@/components/optimization/ErrorNotice";
import { Icon } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import type { NotificationTrial } from "@/lib/notificationTypes";

/** What the other side answered to the test message. */
export function TrialResult({ of: trial, error }: { of: NotificationTrial | null; error: Error | null }) {
  const { t } = useLanguage();
  return (
    <div role="status" className="notify-trial">
      {error && <p className="tone-critical"><Icon name="alert" /> {errorText(t, error)}</p>}
      {!error && trial && (
        <p className={trial.delivered ? "tone-ok" : "tone-critical"} data-testid={`trial-${trial.channel}`}>
          <Icon name={trial.delivered ? "ok" : "alert"} />{" "}
          {t(trial.delivered ? "notify.testGood" : "notify.testBad", { seconds: trial.took_seconds.toFixed(1) })}:{" "}
          <code className="notify-answer">{trial.answer}</code>
        </p>
      )}
    </div>
  );
}
