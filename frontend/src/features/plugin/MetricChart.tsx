"use client";

import { lazy, Suspense, useState } from "react";
import { Choice } from "@/components/ui/Choice";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { useMetricName } from "@/components/optimization/MetricName";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { useMetrics } from "@/lib/detailQueries";
import type { Mark, PluginDetail } from "@/lib/types";
import { limitOf } from "./limit";

const TimeChart = lazy(() => import("./TimeChart"));

const METRICS = [
  "response_time_p95_seconds", "response_time_seconds", "cpu_ratio", "memory_ratio", "memory_bytes", "error_ratio",
  "throughput_per_second", "workers", "busy_ratio", "queue_wait_seconds", "cache_hit_ratio",
] as const;

/** The last 30 minutes of one metric, with its limit and every change as a line on the time axis. */
export function MetricChart({ plugin }: { plugin: PluginDetail }) {
  const { t } = useLanguage();
  const nameOf = useMetricName();
  const [metric, setMetric] = useState<string>(METRICS[0]);
  const metrics = useMetrics(plugin.plugin_id, metric);
  const points = metrics.data?.series[metric] ?? [];
  const measured = points.some(([, value]) => value !== null);
  return (
    <div>
      <div className="panel-head">
        <h3>{t("chart.title")}</h3>
        <Choice
          label={t("chart.metric")} value={metric} onChange={setMetric} testId="metric-picker"
          options={METRICS.map((name) => ({ value: name, label: nameOf(name) }))}
        />
      </div>
      {metrics.failed && <ErrorNotice error={metrics.error} onRetry={metrics.askAgain} />}
      {metrics.waiting && <div className="chart-space"><Skeleton lines={4} label={t("loading")} /></div>}
      {metrics.data && !measured && <p className="chart-space empty">{t("chart.empty")}</p>}
      {metrics.data && measured && (
        <Suspense fallback={<div className="chart-space" />}>
          <TimeChart metric={metric} name={nameOf(metric)} points={points} marks={metrics.data.marks} limit={limitOf(metric, plugin.policy)} />
        </Suspense>
      )}
      <MarkList marks={metrics.data?.marks ?? []} />
    </div>
  );
}

function MarkList({ marks }: { marks: Mark[] }) {
  const { t } = useLanguage();
  if (marks.length === 0) return null;
  return (
    <ol className="marks" aria-label={t("chart.marks")}>
      {marks.slice(-5).toReversed().map((mark) => (
        <li key={`${mark.at}-${mark.text}`}>
          <span className={`mark-kind mark-${mark.kind}`}>{t(`mark.${mark.kind}`)}</span>
          {mark.execution_id ? <a href={`?execution=${encodeURIComponent(mark.execution_id)}`}>{mark.text}</a> : mark.text}
          <span className="muted small"><When at={mark.at} only="relative" /></span>
        </li>
      ))}
    </ol>
  );
}
