"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { Effect } from "@/components/optimization/Effect";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Stepper } from "@/components/optimization/Stepper";
import { When } from "@/components/optimization/When";
import { WindowsChart } from "@/components/optimization/WindowsChart";
import { useLanguage } from "@/lib/i18n/context";
import { useExecution } from "@/lib/detailQueries";
import { isJudging } from "@/lib/steps";
import type { ExecutionDetail } from "@/lib/types";
import { VerdictWords } from "./VerdictWords";

export function HistoryDetail({ id }: { id: string }) {
  const { t } = useLanguage();
  const detail = useExecution(id);
  if (detail.failed && !detail.data) return <ErrorNotice error={detail.error} onRetry={detail.askAgain} />;
  if (!detail.data) return <div className="history-detail"><Skeleton lines={4} label={t("loading")} /></div>;
  const execution = detail.data;
  const windows = execution.live?.windows ?? [];
  return (
    <div className="history-detail" data-testid={`detail-${id}`}>
      <Stepper state={execution.state} steps={execution.steps} />
      <div className="history-columns">
        {execution.prediction && (
          <div>
            <h4>{t("history.predicted")}</h4>
            <Effect prediction={execution.prediction} measured={measured(execution)} />
          </div>
        )}
        <VerdictWords execution={execution} />
        {windows.length > 0 && <div><h4>{t("windows.title", { n: windows.length })}</h4><WindowsChart windows={windows} /></div>}
        <Reasons execution={execution} />
      </div>
      <StepLog execution={execution} />
    </div>
  );
}

/** What was measured may stand on the prediction's axis only if it is the same metric. */
function measured({ state, verdict, prediction }: ExecutionDetail): number | null {
  return verdict && !isJudging(state) && verdict.metric === prediction?.metric ? verdict.after : null;
}

function Reasons({ execution }: { execution: ExecutionDetail }) {
  const { t } = useLanguage();
  const reasons = [...(execution.verdict?.reasons ?? []), ...(execution.verdict && execution.reason ? [execution.reason] : [])];
  return (
    <div>
      <h4>{t("history.reasons")}</h4>
      <ul className="plain-list">
        {reasons.map((reason, index) => <li key={`${reason.code}-${index}`}>{reason.text}</li>)}
        <li className="muted">{t(execution.persisted ? "history.persisted" : "history.notPersisted")}</li>
      </ul>
    </div>
  );
}

function StepLog({ execution }: { execution: ExecutionDetail }) {
  const { t } = useLanguage();
  return (
    <details className="more">
      <summary>{t("history.log", { n: execution.steps.length })}</summary>
      <ol className="step-log">
        {execution.steps.map((step, index) => (
          <li key={`${step.at}-${index}`}><When at={step.at} /> <strong>{t(`state.${step.state}`)}</strong> {step.text} <span className="muted">{step.actor}</span></li>
        ))}
      </ol>
    </details>
  );
}
