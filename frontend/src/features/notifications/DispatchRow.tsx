"use client";

import { errorText } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { Button } from "@/components/ui/Button";
import { Icon, type IconName } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import { useRetryDispatch } from "@/lib/notificationQueries";
import type { Dispatch, DispatchState } from "@/lib/notificationTypes";

const LOOKS: Record<DispatchState, { tone: string; icon: IconName }> = {
  waiting: { tone: "unknown", icon: "clock" },
  sending: { tone: "accent", icon: "clock" },
  delivered: { tone: "ok", icon: "ok" },
  given_up: { tone: "critical", icon: "alert" },
};

/** One message: what it says, how it stands, what the other side answered last. */
export function DispatchRow({ dispatch }: { dispatch: Dispatch }) {
  const { t } = useLanguage();
  const retry = useRetryDispatch();
  const { tone, icon } = LOOKS[dispatch.state];
  const tried = dispatch.attempts > 0;
  return (
    <li className="notify-row" data-testid={`dispatch-${dispatch.id}`} data-state={dispatch.state}>
      <div className="notify-row-head">
        <span className={`mark tone-${tone}`}><Icon name={icon} /> {t(`notify.state.${dispatch.state}`)}</span>
        <strong className="notify-row-title">{dispatch.title}</strong>
        {dispatch.retryable && (
          <Button busy={retry.isPending} onClick={() => retry.mutate(dispatch.id)} data-testid={`retry-${dispatch.id}`}>
            {t("notify.retry")}<span className="visually-hidden"> {dispatch.title}</span>
          </Button>
        )}
      </div>
      <p className="muted small notify-row-facts">
        <span>{dispatch.channel}</span>
        <span>{t(`notify.severity.${dispatch.severity}`)}</span>
        {dispatch.state === "waiting" ? <span>{t("notify.due")} <When at={dispatch.due_at} only="relative" /></span> : <When at={dispatch.ended_at ?? dispatch.attempted_at} only="relative" />}
        {tried && <span>{t("notify.attempts", { n: dispatch.attempts })}</span>}
      </p>
      {dispatch.answer && dispatch.state !== "delivered" && <p className="small"><code className="notify-answer">{dispatch.answer}</code></p>}
      {retry.error && <p className="tone-critical small" role="alert">{errorText(t, retry.error)}</p>}
      {dispatch.count > 1 && (
        <details>
          <summary>{t("notify.notices", { n: dispatch.count })}<span className="visually-hidden"> {dispatch.title}</span></summary>
          <ul className="notify-notices">
            {dispatch.notices.map((notice, index) => <li key={index}>{notice.text} <span className="muted small"><When at={notice.at} only="relative" /></span></li>)}
          </ul>
        </details>
      )}
    </li>
  );
}
