"use client";

import { lazy, memo, Suspense, useCallback, useId, useMemo, useRef, useState } from "react";
import { useMetricName } from "@/components/optimization/MetricName";
import { standingAt } from "@/lib/gaps";
import { useLanguage } from "@/lib/i18n/context";
import type { Band, Column } from "@/lib/pluginTypes";
import type { Happening } from "./cluster";
import { HappeningButtons } from "./HappeningButtons";
import { SampleTable } from "./SampleTable";
import { summaryOf } from "./summary";
import { useVisible } from "./useVisible";
import type { Zoom } from "./useZoom";

const TimeChart = lazy(() => import("./TimeChart"));

interface Props {
  metric: string;
  /** Seconds: where each bucket begins, and the ends of the shown stretch. */
  times: number[];
  from: number;
  to: number;
  values: Column;
  compared: Column | null;
  limit: number | null;
  band: Band | null;
  happenings: Happening[];
  zoom: Zoom;
  onPick: (members: readonly Happening[]) => void;
}

/** One metric: its name and figure, its line with all that happened, and the same in words. It rests while it is out of sight. */
export const ChartCard = memo(function ChartCard({ metric, times, from, to, values, compared, limit, band, happenings, zoom, onPick }: Props) {
  const { t, format } = useLanguage();
  const name = useMetricName()(metric);
  const card = useRef<HTMLElement>(null);
  const visible = useVisible(card);
  const [read, setRead] = useState<number | null>(null);
  const id = useId();
  const summary = useMemo(() => summaryOf(values), [values]);
  const drawn = useMemo(() => ({ limit, band: band?.points ?? [], happenings, from, to }), [limit, band, happenings, from, to]);
  const shownIndex = read !== null && read < values.length ? read : null;
  const onRead = useCallback((index: number | null) => setRead(index), []);
  const over = limit !== null && summary.last !== null && summary.last > limit;
  const show = (value: number | null | undefined) => format.metric(metric, value);
  return (
    <section className="chart-card card" ref={card} aria-labelledby={`${id}-name`} data-testid={`chart-${metric}`}>
      <header className="chart-head">
        <h3 id={`${id}-name`}>{name}</h3>
        <p className="chart-now">
          {shownIndex !== null && <span className="muted small">{format.clock(new Date((times[shownIndex] ?? 0) * 1000).toISOString())}</span>}
          {compared && <span className="muted small">{t("plugin.compare.then")} {show(shownIndex === null ? summaryOf(compared).last : standingAt(compared, shownIndex))}</span>}
          <strong className={over && shownIndex === null ? "tone-critical" : undefined}>{show(shownIndex === null ? summary.last : standingAt(values, shownIndex))}</strong>
        </p>
      </header>
      <HappeningButtons happenings={happenings} from={from} to={to} onPick={onPick} />
      {visible
        ? (
          <Suspense fallback={<div className="chart-host" />}>
            <TimeChart
              metric={metric} name={name} times={times} values={values} compared={compared} drawn={drawn} describedBy={`${id}-words`} zoom={zoom} onRead={onRead}
            />
          </Suspense>
        )
        : <div className="chart-host" />}
      <p id={`${id}-words`} className="visually-hidden">
        {t("chart.words", { last: show(summary.last), low: show(summary.low), high: show(summary.high), mean: show(summary.mean) })}
        {limit !== null && ` ${t("chart.limit")} ${show(limit)}.`} {t("chart.keys")}
      </p>
      <SampleTable name={name} metric={metric} times={times} values={values} compared={compared} band={band} />
    </section>
  );
});
