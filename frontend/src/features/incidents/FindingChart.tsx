"use client";

import { useId, useMemo, useState } from "react";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { useMetricName } from "@/components/optimization/MetricName";
import { Way } from "@/components/optimization/Way";
import { useLanguage } from "@/lib/i18n/context";
import type { IncidentPart } from "@/lib/incidentTypes";
import { stretchAround } from "@/lib/incidents";
import { useAnomalies, useStillChart } from "@/lib/pluginQueries";
import { unusualOf } from "@/lib/unusual";
import { pluginAddress } from "@/lib/ways";
import { courseDrawing, HEIGHT, PAD, WIDTH } from "./courseDrawing";

interface Props {
  part: IncidentPart;
  since: string;
  until: string | null;
}

/** One finding, drawn: what was measured, what was expected, where it began, and what was changed about then. */
export function FindingChart({ part: { plugin_id: pluginId, finding }, since, until }: Props) {
  const { t, format } = useLanguage();
  const nameOf = useMetricName();
  const id = useId();
  const [span] = useState(() => stretchAround(since, until, Date.now()));
  const asked = { ...span, spanMs: span.to - span.from };
  const chart = useStillChart(pluginId, asked);
  const anomalies = useAnomalies(pluginId, asked);
  const values = chart.data?.series[finding.metric];
  const times = useMemo(() => timesFrom(chart.data?.from, chart.data?.step_seconds ?? 1, values?.length ?? 0), [chart.data, values]);
  const name = nameOf(finding.metric);
  const show = (value: number | null) => format.metric(finding.metric, value);
  if (chart.failed && !chart.data) return <ErrorNotice error={chart.error} onRetry={chart.askAgain} />;
  if (!chart.data) return <div className="finding-chart"><Skeleton lines={4} label={t("loading")} /></div>;
  if (!values?.some((value) => value !== null)) return <p className="muted small finding-chart">{pluginId} · {name}: {t("incidents.notMeasured")}</p>;
  const drawing = courseDrawing({
    times, values, unusual: unusualOf(finding.metric, times, values, anomalies.data),
    onset: Date.parse(finding.since) / 1000, changes: chart.data.marks.map((mark) => Date.parse(mark.at) / 1000), from: span.from / 1000, to: span.to / 1000,
  });
  const [lowest, highest] = [Math.min(...drawing.known), Math.max(...drawing.known)];
  return (
    <figure className="finding-chart" aria-labelledby={`${id}-name`} data-testid={`finding-${pluginId}-${finding.metric}`}>
      <p id={`${id}-name`} className="small"><strong>{pluginId}</strong> · {name} <span className="muted">{show(lowest)} – {show(highest)}</span></p>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img"
        aria-label={t("incidents.drawn", { metric: name, onset: format.time(finding.since), low: show(lowest), high: show(highest), n: drawing.points.length })}
      >
        {drawing.band.map((points) => <polygon key={points} className="finding-band" points={points} />)}
        <line className="curve-axis" x1={PAD} x2={WIDTH - PAD} y1={HEIGHT - PAD} y2={HEIGHT - PAD} />
        {drawing.changes.map((x) => <line key={x} className="finding-change" x1={x} x2={x} y1={PAD} y2={HEIGHT - PAD} />)}
        <line className="finding-onset" x1={drawing.onset} x2={drawing.onset} y1={PAD} y2={HEIGHT - PAD} />
        <path className="finding-line" d={drawing.line} />
        {drawing.points.length > 0 && <path className="finding-dots" d={drawing.points.map(([x, y]) => `M${x} ${y}h0`).join("")} />}
      </svg>
      <figcaption className="finding-legend small">
        <span><svg width="18" height="10" aria-hidden="true"><line className="finding-onset" x1="9" x2="9" y1="0" y2="10" /></svg> {t("incidents.onset")} {format.clock(finding.since)}</span>
        {drawing.changes.length > 0 && <span><svg width="18" height="10" aria-hidden="true"><line className="finding-change" x1="9" x2="9" y1="0" y2="10" /></svg> {t("incidents.changed")}</span>}
        {drawing.band.length > 0 && <span><svg width="18" height="10" aria-hidden="true"><rect className="finding-band" width="18" height="10" /></svg> {t("chart.usually")}</span>}
        {drawing.points.length > 0 && <span><svg width="18" height="10" aria-hidden="true"><path className="finding-dots" d="M9 5h0" /></svg> {t("mark.unusual")}</span>}
        <Way to={pluginAddress(pluginId, span)}>{t("incidents.toCharts")}</Way>
      </figcaption>
    </figure>
  );
}

function timesFrom(from: string | undefined, stepSeconds: number, count: number): number[] {
  const begin = Date.parse(from ?? "") / 1000;
  return Array.from({ length: count }, (_, index) => begin + (index + 0.5) * stepSeconds);
}
