"use client";

import { useMetricName } from "@/components/optimization/MetricName";
import { laterApi } from "@/lib/laterApi";
import { courseOf, type Course } from "@/lib/course";
import { useLanguage } from "@/lib/i18n/context";
import { linePath } from "@/lib/linePath";
import { useAnswer } from "@/lib/query/useAnswer";
import type { ExecutionDetail } from "@/lib/types";

const WIDTH = 600;
const HEIGHT = 130;
const PAD = 10;

/** The judged figure before and after the change, as it is measured, with what was predicted beside it. */
export default function CourseChart({ execution }: { execution: ExecutionDetail }) {
  const { t, format } = useLanguage();
  const nameOf = useMetricName();
  const course = courseOf(execution);
  const metric = course?.metric ?? "";
  const series = useAnswer({
    queryKey: ["course", execution.id, metric], enabled: course !== null,
    queryFn: () => laterApi.course(execution.plugin_id, metric, course?.from ?? "", course?.to),
  }).data?.series[metric];
  if (!course) return <p className="muted small">{t("course.waiting")}</p>;
  if (!series) return null;
  if (!series.some(([, value]) => value !== null)) return <p className="muted small">{t("course.nothing")}</p>;
  const latest = series.findLast(([at, value]) => value !== null && Date.parse(at) >= course.changedAt)?.[1] ?? null;
  const show = (value: number | null) => format.metric(metric, value);
  const label = t("course.label", { metric: nameOf(metric), before: show(course.before), expected: show(course.expected), now: show(latest) });
  return (
    <figure className="windows course-chart" data-testid="course-chart">
      <Drawing course={course} series={series} label={label} />
      <figcaption className="legend">
        <span className="legend-item course-measured"><Stroke /> {t("windows.observed_seconds")} <strong>{show(latest)}</strong></span>
        <span className="legend-item course-expected"><Stroke /> {t("course.predicted", { low: show(course.low), high: show(course.high) })}</span>
        <span className="legend-item course-change"><Stroke /> {t("course.changed")} {format.clock(new Date(course.changedAt).toISOString())}</span>
      </figcaption>
    </figure>
  );
}

function Stroke() {
  return <svg width="18" height="8" aria-hidden="true"><line x1="0" x2="18" y1="4" y2="4" /></svg>;
}

function Drawing({ course, series, label }: { course: Course; series: [string, number | null][]; label: string }) {
  const times = series.map(([at]) => Date.parse(at));
  const [first, last] = [times[0] ?? 0, Math.max(times.at(-1) ?? 1, course.changedAt)];
  const known = [...series.map(([, value]) => value), course.before, course.expected, course.high].filter((value) => value !== null);
  const top = Math.max(...known) * 1.08 || 1;
  const x = (at: number) => PAD + ((at - first) / (last - first || 1)) * (WIDTH - 2 * PAD);
  const y = (value: number) => HEIGHT - PAD - (value / top) * (HEIGHT - 2 * PAD);
  const path = linePath(series.map(([, value]) => value), (index) => x(times[index] ?? 0), y);
  const change = x(course.changedAt);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <line className="curve-axis" x1={PAD} x2={WIDTH - PAD} y1={HEIGHT - PAD} y2={HEIGHT - PAD} />
      {course.low !== null && course.high !== null && <rect className="course-band" x={change} width={Math.max(0, WIDTH - PAD - change)} y={y(course.high)} height={Math.max(1, y(course.low) - y(course.high))} />}
      {course.expected !== null && <line className="course-expected" x1={change} x2={WIDTH - PAD} y1={y(course.expected)} y2={y(course.expected)} />}
      <line className="course-change" x1={change} x2={change} y1={PAD} y2={HEIGHT - PAD} />
      <path className="course-measured" d={path} />
    </svg>
  );
}
