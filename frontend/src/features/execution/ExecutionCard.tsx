"use client";

import { ChangeDiff } from "@/components/optimization/ChangeDiff";
import { errorText } from "@/components/optimization/ErrorNotice";
import { ResultMark } from "@/components/optimization/ResultMark";
import { RollBackButton } from "@/components/optimization/RollBackButton";
import { Stepper } from "@/components/optimization/Stepper";
import { WindowsChart } from "@/components/optimization/WindowsChart";
import { useLanguage } from "@/lib/i18n/context";
import { useNow } from "@/lib/now";
import { useExecution } from "@/lib/queries";
import { isFinal } from "@/lib/steps";
import type { Execution, ExecutionDetail } from "@/lib/types";
import { BeforeAfter } from "./BeforeAfter";

/** One change under observation, in the steps the server reports. */
export function ExecutionCard({ execution, onShowHistory }: { execution: Execution; onShowHistory: () => void }) {
  const { t } = useLanguage();
  const detail = useExecution(execution.id);
  const shown = detail.data ?? execution;
  const windows = detail.data?.live?.windows ?? [];
  return (
    <article className={isFinal(shown.state) ? "card execution" : "card execution execution-open"} data-testid={`execution-${execution.id}`} data-state={shown.state} aria-labelledby={`run-${execution.id}`}>
      <header className="suggestion-head">
        <div>
          <p className="suggestion-plugin">{shown.plugin_id} <span className="muted">· {t("execution.by", { name: shown.approved_by })}</span></p>
          <h3 id={`run-${execution.id}`}>{shown.description}</h3>
        </div>
        <div className="execution-actions">
          <span role="status"><ResultMark execution={shown} testId="execution-state" /></span>
          <RollBackButton execution={shown} />
        </div>
      </header>
      <Stepper state={shown.state} steps={detail.data?.steps ?? []} />
      <div className="execution-body">
        <ChangeDiff change={shown.change} />
        <BeforeAfter execution={shown} windows={windows} />
      </div>
      {windows.length > 0 && <><h4>{t("windows.title", { n: windows.length })}</h4><WindowsChart windows={windows} /></>}
      <Outlook execution={shown} deadline={detail.data?.live?.deadline_at ?? null} />
      {detail.failed && <p className="field-error" role="alert">{errorText(t, detail.error)}</p>}
      <button type="button" className="link" onClick={onShowHistory}>{t("execution.details")}</button>
    </article>
  );
}

/** What comes next or, at the end, the verdict. */
function Outlook({ execution, deadline }: { execution: Execution | ExecutionDetail; deadline: string | null }) {
  const { t, format } = useLanguage();
  const now = useNow();
  if (execution.verdict || isFinal(execution.state)) {
    const text = execution.verdict?.text ?? execution.reason?.text;
    return text ? <p className={`outcome outcome-${execution.verdict?.outcome ?? "inconclusive"}`}>{text}</p> : null;
  }
  if (execution.reason) return <p className="outcome">{execution.reason.text}</p>;
  if (!deadline) return null;
  const left = (Date.parse(deadline) - now) / 1000;
  return <p className="muted">{left > 0 ? t("execution.deadline", { left: format.duration(left) }) : t("execution.deadlinePassed")}</p>;
}
