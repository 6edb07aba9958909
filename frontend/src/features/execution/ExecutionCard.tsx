"use client";

import { lazy, Suspense } from "react";
import { ChangeDiff } from "@/components/optimization/ChangeDiff";
import { errorText } from "@/components/optimization/ErrorNotice";
import { ResultMark } from "@/components/optimization/ResultMark";
import { RollBackButton } from "@/components/optimization/RollBackButton";
import { TroubleNote } from "@/components/optimization/TroubleNote";
import { Stepper } from "@/components/optimization/Stepper";
import { WindowsChart } from "@/components/optimization/WindowsChart";
import { useLanguage } from "@/lib/i18n/context";
import { useNow } from "@/lib/now";
import { useExecution } from "@/lib/detailQueries";
import { isFinal } from "@/lib/final";
import { troubleOf } from "@/lib/trouble";
import { judged, windowsLacking } from "@/lib/steps";
import type { Comparison } from "@/lib/comparison";
import type { Execution } from "@/lib/types";
import { BeforeAfter } from "./BeforeAfter";

const CourseChart = lazy(() => import("./CourseChart"));

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
      <TroubleNote execution={shown} />
      <Stepper state={shown.state} steps={detail.data?.steps ?? []} />
      <div className="execution-body">
        <ChangeDiff change={shown.change} />
        <BeforeAfter execution={shown} />
      </div>
      {detail.data && <Suspense fallback={null}><CourseChart execution={detail.data} /></Suspense>}
      {windows.length > 0 && <><h4>{t("windows.title", { n: windows.length })}</h4><WindowsChart windows={windows} /></>}
      {shown.state === "comparing" && <Turns comparison={detail.data?.live?.comparison ?? null} />}
      {!troubleOf(shown) && <Outlook execution={shown} windows={windows.length} deadline={detail.data?.live?.deadline_at ?? null} />}
      {!isFinal(shown.state) && <p className="muted small" data-testid="closing-tab">{t("execution.closingTab")}</p>}
      {detail.failed && <p className="field-error" role="alert">{errorText(t, detail.error)}</p>}
      <button type="button" className="link" onClick={onShowHistory}>{t("execution.details")}</button>
    </article>
  );
}

/** What comes next or, at the end, the verdict. */
function Outlook({ execution, windows, deadline }: { execution: Execution; windows: number; deadline: string | null }) {
  const verdict = judged(execution);
  if (verdict || isFinal(execution.state)) {
    const text = verdict?.text ?? execution.reason?.text;
    return text ? <p className={`outcome outcome-${verdict?.outcome ?? "inconclusive"}`}>{text}</p> : null;
  }
  return (
    <>
      {execution.state === "verifying" && <Judging execution={execution} windows={windows} />}
      {execution.reason && execution.state !== "verifying" ? <p className="outcome">{execution.reason.text}</p> : <Deadline at={deadline} />}
    </>
  );
}

/** How far the judge is: it says how many windows it lacks; from then on more of them make it surer. */
function Judging({ execution, windows }: { execution: Execution; windows: number }) {
  const { t } = useLanguage();
  const lacking = windowsLacking(execution);
  const text = lacking > 0 ? t("execution.judging", { n: windows, m: windows + lacking }) : t("execution.judgingOn", { n: windows });
  return <p className="outcome" data-testid="judging">{text}</p>;
}

/** How far the comparison is, and which value requests meet now. */
function Turns({ comparison }: { comparison: Comparison | null }) {
  const { t } = useLanguage();
  if (!comparison) return null;
  const { blocks, planned_blocks, value } = comparison;
  const text = value === null ? t("execution.compared", { m: planned_blocks }) : t("execution.turns", { n: blocks + 1, m: planned_blocks, value: String(value) });
  return (
    <div data-testid="turns">
      <progress max={planned_blocks} value={blocks} aria-label={t("state.comparing")} />
      <p className="muted">{text}</p>
    </div>
  );
}

function Deadline({ at }: { at: string | null }) {
  const { t, format } = useLanguage();
  const now = useNow();
  if (!at) return null;
  const left = (Date.parse(at) - now) / 1000;
  return <p className="muted">{left > 0 ? t("execution.deadline", { left: format.duration(left) }) : t("execution.deadlinePassed")}</p>;
}
