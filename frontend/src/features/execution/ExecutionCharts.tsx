"use client";

import { lazy, Suspense } from "react";
import { WindowsChart } from "@/components/optimization/WindowsChart";
import { isFinal } from "@/lib/final";
import { useLanguage } from "@/lib/i18n/context";
import type { Execution, ExecutionDetail } from "@/lib/types";

const CourseChart = lazy(() => import("./CourseChart"));

/**
 * The judged figure over time and, where requests are compared, the compared windows. The room for both is there from the
 * first state on, with a word for what is awaited: nothing below moves when they come.
 */
export function ExecutionCharts({ execution, detail }: { execution: Execution; detail: ExecutionDetail | undefined }) {
  const { t } = useLanguage();
  const windows = detail?.live?.windows ?? [];
  if (!metricOf(execution)) return null;
  return (
    <div className="execution-charts">
      <section className="execution-chart">
        <h4>{t("course.title")}</h4>
        {detail && <Suspense fallback={null}><CourseChart execution={detail} /></Suspense>}
      </section>
      {(windows.length > 0 || comparesWindows(execution)) && (
        <section className="execution-chart">
          <h4>{t("windows.title", { n: windows.length })}</h4>
          {windows.length > 0 ? <WindowsChart windows={windows} /> : <p className="muted small">{t("windows.waiting")}</p>}
        </section>
      )}
    </div>
  );
}

function metricOf({ prediction, verdict }: Execution): string | undefined {
  return prediction?.metric ?? verdict?.metric;
}

/** Whether windows of requests are compared: of response times, unless both values take turns. */
function comparesWindows(execution: Execution): boolean {
  if (isFinal(execution.state)) return Boolean(execution.verdict?.windows);
  return Boolean(metricOf(execution)?.startsWith("response_time")) && execution.state !== "comparing";
}
