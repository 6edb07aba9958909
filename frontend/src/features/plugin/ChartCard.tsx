"use client";

import { lazy, memo, Suspense, useCallback, useId, useMemo, useRef, useState } from "react";
import { useMetricName } from "@/components/optimization/MetricName";
import { Icon } from "@/components/ui/Icon";
import { Skeleton } from "@/components/ui/Skeleton";
import type { Drill } from "@/lib/drillTypes";
import { latestOf, standingAt } from "@/lib/gaps";
import { useLanguage } from "@/lib/i18n/context";
import type { Anomalies, Band, Column } from "@/lib/pluginTypes";
import { unusualOf } from "@/lib/unusual";
import { closerOf } from "./closer";
import { isFlagged, type Happening } from "./cluster";
import { HappeningButtons } from "./HappeningButtons";
import { InWords } from "./InWords";
import { useVisible } from "./useVisible";
import type { Zoom } from "./useZoom";

const TimeChart = lazy(() => import("./TimeChart"));
const CloserLook = lazy(() => import("./CloserLook"));

interface Props {
  pluginId: string;
  metric: string;
  /** Seconds: where each bucket begins, and the ends of the shown stretch. */
  times: number[];
  from: number;
  to: number;
  values: Column;
  compared: Column | null;
  limit: number | null;
  band: Band | null;
  anomalies: Anomalies | undefined;
  happenings: Happening[];
  zoom: Zoom;
  /** Whether it is looked at closely, which the address says. */
  close: boolean;
  onDrill: (metric: string | null) => void;
  onPick: (members: readonly Happening[]) => void;
}

/** One metric: its name and figure, its line with all that happened, and the same in words. It rests while it is out of sight. */
export const ChartCard = memo(function ChartCard({
  pluginId, metric, times, from, to, values, compared, limit, band, anomalies, happenings, zoom, close, onDrill, onPick,
}: Props) {
  const { t, format } = useLanguage();
  const name = useMetricName()(metric);
  const card = useRef<HTMLElement>(null);
  const visible = useVisible(card);
  const [read, setRead] = useState<number | null>(null);
  const id = useId();
  const last = latestOf(values);
  const [found, setFound] = useState<Drill | null>(null);
  const unusual = useMemo(() => unusualOf(metric, times, values, anomalies), [metric, times, values, anomalies]);
  const closer = useMemo(() => found && closerOf(found), [found]);
  const drawn = useMemo(
    () => ({ limit, band: band?.points ?? [], unusual, closer, happenings, from, to }), [limit, band, unusual, closer, happenings, from, to],
  );
  const shownIndex = read !== null && read < values.length ? read : null;
  const onRead = useCallback((index: number | null) => setRead(index), []);
  const over = limit !== null && last !== null && last > limit;
  const show = (value: number | null | undefined) => format.metric(metric, value);
  return (
    <section className="chart-card card" ref={card} aria-labelledby={`${id}-name`} data-testid={`chart-${metric}`}>
      <header className="chart-head">
        <h3 id={`${id}-name`}>{name}</h3>
        <p className="chart-now">
          {shownIndex !== null && <span className="muted small">{format.clock(new Date((times[shownIndex] ?? 0) * 1000).toISOString())}</span>}
          {compared && <span className="muted small">{t("plugin.compare.then")} {show(shownIndex === null ? latestOf(compared) : standingAt(compared, shownIndex))}</span>}
          <strong className={over && shownIndex === null ? "tone-critical" : undefined}>{show(shownIndex === null ? last : standingAt(values, shownIndex))}</strong>
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
      <InWords wordsId={`${id}-words`} name={name} metric={metric} times={times} values={values} compared={compared} limit={limit} band={band} unusual={unusual} />
      <button
        type="button" className={isFlagged(metric, happenings) ? "link disclosure closer-open" : "link disclosure closer-open closer-quiet"} aria-expanded={close}
        data-testid={`look-closer-${metric}`} onClick={() => onDrill(close ? null : metric)}
      >
        {t("drill.open")}<span className="visually-hidden">: {name}</span> <Icon name="down" size={13} />
      </button>
      {close && (
        <Suspense fallback={<Skeleton lines={3} label={t("loading")} />}>
          <CloserLook pluginId={pluginId} metric={metric} from={from} to={to} zoom={zoom} onFound={setFound} />
        </Suspense>
      )}
    </section>
  );
});
