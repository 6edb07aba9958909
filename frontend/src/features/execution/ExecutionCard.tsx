"use client";

import { ChangeDiff } from "@/components/optimization/ChangeDiff";
import { errorText } from "@/components/optimization/ErrorNotice";
import { ResultMark } from "@/components/optimization/ResultMark";
import { RollBackButton } from "@/components/optimization/RollBackButton";
import { TroubleNote } from "@/components/optimization/TroubleNote";
import { Stepper } from "@/components/optimization/Stepper";
import { useLanguage } from "@/lib/i18n/context";
import { useFromNow } from "@/lib/now";
import { useExecution } from "@/lib/detailQueries";
import { isFinal } from "@/lib/final";
import { partName } from "@/lib/partName";
import { troubleOf } from "@/lib/trouble";
import { judged, windowsLacking } from "@/lib/steps";
import type { Comparison } from "@/lib/comparison";
import type { Execution, ExecutionDetail } from "@/lib/types";
import { unitOf, valueText } from "@/lib/values";
import { BeforeAfter } from "./BeforeAfter";
import { ExecutionCharts } from "./ExecutionCharts";

/** One change under observation, in the steps the server reports. */
export function ExecutionCard({ execution, onShowHistory }: { execution: Execution; onShowHistory: () => void }) {
  const { t } = useLanguage();
  const detail = useExecution(execution.id);
  const shown = detail.data ?? execution;
  return (
    <article className={isFinal(shown.state) ? "card execution" : "card execution execution-open"} data-testid={`execution-${execution.id}`} data-state={shown.state} aria-labelledby={`run-${execution.id}`}>
      <header className="suggestion-head">
        <div>
          <p className="suggestion-plugin">{shown.plugin_id} <span className="muted">· {t("execution.by", { name: partName(t, "author", shown.approved_by) })}</span></p>
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
      {!troubleOf(shown) && <ExecutionCharts execution={shown} detail={detail.data} />}
      {!troubleOf(shown) && <Outlook execution={shown} detail={detail.data} />}
      {!isFinal(shown.state) && <p className="muted small" data-testid="closing-tab">{t("execution.closingTab")}</p>}
      {detail.failed && <p className="field-error" role="alert">{errorText(t, detail.error)}</p>}
      <button type="button" className="link" onClick={onShowHistory}>{t("execution.details")}</button>
    </article>
  );
}

/** What comes next and until when or, at the end, the verdict. */
function Outlook({ execution, detail }: { execution: Execution; detail: ExecutionDetail | undefined }) {
  const verdict = judged(execution);
  if (verdict || isFinal(execution.state)) {
    const text = verdict?.text ?? execution.reason?.text;
    return text ? <p className={`outcome outcome-${verdict?.outcome ?? "inconclusive"}`}>{text}</p> : null;
  }
  return (
    <>
      <Next execution={execution} detail={detail} />
      <Deadline at={detail?.live?.deadline_at ?? null} />
    </>
  );
}

function Next({ execution, detail }: { execution: Execution; detail: ExecutionDetail | undefined }) {
  const { t } = useLanguage();
  if (execution.state === "verifying") return <Judging execution={execution} windows={detail?.live?.windows?.length ?? 0} />;
  if (execution.state === "comparing") return <Turns execution={execution} comparison={detail?.live?.comparison ?? null} />;
  return <p className="outcome">{execution.reason?.text ?? t("confirm.judged")}</p>;
}

/** How far the judge is: it says how many windows it lacks; from then on more of them make it surer. */
function Judging({ execution, windows }: { execution: Execution; windows: number }) {
  const { t } = useLanguage();
  const lacking = windowsLacking(execution);
  const text = lacking > 0 ? t("execution.judging", { n: windows, m: windows + lacking }) : t("execution.judgingOn", { n: windows });
  return <p className="outcome" data-testid="judging">{text}</p>;
}

/** How far the comparison is, and which value requests meet now. */
function Turns({ execution: { change }, comparison }: { execution: Execution; comparison: Comparison | null }) {
  const { t, format } = useLanguage();
  if (!comparison) return <p className="outcome">{t("state.comparing")}</p>;
  const { blocks, planned_blocks, value } = comparison;
  const text = value === null
    ? t("execution.compared", { m: planned_blocks })
    : t("execution.turns", { n: blocks + 1, m: planned_blocks, value: valueText(value, unitOf(change), format) });
  return (
    <div data-testid="turns">
      <progress max={planned_blocks} value={blocks} aria-label={t("state.comparing")} />
      <p className="muted">{text}</p>
    </div>
  );
}

/** A line that is there before it is known, so that what stands below does not move. */
function Deadline({ at }: { at: string | null }) {
  const { t, format } = useLanguage();
  const left = useFromNow((now) => (at && Date.parse(at) > now ? format.duration((Date.parse(at) - now) / 1000) : ""));
  if (!at) return <p className="muted" aria-hidden="true">{"\u00a0"}</p>;
  return <p className="muted">{left ? t("execution.deadline", { left }) : t("execution.deadlinePassed")}</p>;
}
