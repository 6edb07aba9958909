"use client";

import { useCallback, useMemo, useRef, useState } from "react";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useMetricName } from "@/components/optimization/MetricName";
import { useLanguage } from "@/lib/i18n/context";
import { useAnomalies, useChart, useForecast } from "@/lib/pluginQueries";
import type { Anomalies, Chart, Episode } from "@/lib/pluginTypes";
import type { PluginDetail } from "@/lib/types";
import { ChartCard } from "./ChartCard";
import { happenings, onChartOf, type Happening } from "./cluster";
import { HappeningList } from "./HappeningList";
import { limitOf } from "./limit";
import { METRICS, notMeasured, shownMetrics, stretchOf, timesOf } from "./grid";
import { SHIFT_SECONDS, spanOf, type PageState } from "./pageState";
import { withEpisodes } from "./pastEpisodes";
import type { Zoom } from "./useZoom";

interface Props {
  plugin: PluginDetail;
  page: PageState;
  zoom: Zoom;
  onDrill: (metric: string | null) => void;
  onShowExecution: (id: string) => void;
}

const POINTS = 300;
const NONE: readonly Episode[] = [];

/** Every measured metric over the shown stretch, and beside it what happened meanwhile. */
export function ChartGrid({ plugin, page, zoom, onDrill, onShowExecution }: Props) {
  const { t } = useLanguage();
  const live = page.span === null;
  const stretch = { from: page.span?.from ?? null, to: page.span?.to ?? null, spanMs: spanOf(page) };
  const chart = useChart(plugin.plugin_id, { ...stretch, points: POINTS, shiftSeconds: SHIFT_SECONDS[page.compare] });
  const anomalies = useAnomalies(plugin.plugin_id, stretch);
  const forecast = useForecast(plugin.plugin_id, live);
  if (!chart.data) {
    if (chart.failed) return <ErrorNotice error={chart.error} onRetry={chart.askAgain} />;
    return <div className="chart-wait card"><Skeleton lines={8} label={t("loading")} /></div>;
  }
  return (
    <>
      {chart.failed && <ErrorNotice error={chart.error} onRetry={chart.askAgain} />}
      {page.compare !== "none" && chart.data.compared && Object.keys(chart.data.compared).length === 0 && (
        <p className="card empty" data-testid="nothing-to-compare">{t("plugin.compare.nothing")}</p>
      )}
      <div className={chart.failed || chart.previous ? "is-old" : undefined} aria-busy={chart.previous}>
        <Charts
          plugin={plugin} chart={chart.data} live={live} zoom={zoom} drill={page.drill} onDrill={onDrill} onShowExecution={onShowExecution}
          bands={live ? forecast.data?.bands : undefined} anomalies={anomalies.data}
        />
      </div>
      {live && <ForecastNote text={forecast.data?.why_not?.text ?? null} known={Boolean(forecast.data)} />}
      <UsualNote anomalies={anomalies} />
    </>
  );
}

function Charts({ plugin, chart, live, bands, anomalies, zoom, drill, onDrill, onShowExecution }: {
  plugin: PluginDetail; chart: Chart; live: boolean; bands: NonNullable<ReturnType<typeof useForecast>["data"]>["bands"] | undefined; zoom: Zoom;
  anomalies: Anomalies | undefined; drill: string | null; onDrill: Props["onDrill"]; onShowExecution: Props["onShowExecution"];
}) {
  const { t } = useLanguage();
  const nameOf = useMetricName();
  const list = useRef<HTMLDivElement>(null);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const episodes = anomalies?.episodes ?? NONE;
  const times = useMemo(() => timesOf(chart.from, chart.to, chart.step_seconds), [chart.from, chart.to, chart.step_seconds]);
  const all = useMemo(() => happenings(chart.marks, withEpisodes(chart.onsets, episodes)), [chart.marks, chart.onsets, episodes]);
  const byMetric = useMemo(() => Object.fromEntries(METRICS.map((metric) => [metric, onChartOf(metric, all)])), [all]);
  const changes = useMemo(() => all.filter((each) => each.metric === null), [all]); // of a metric that we do not know
  const { from, to } = stretchOf(times, chart.step_seconds, live && Object.keys(bands ?? {}).length > 0);
  const pick = useCallback((members: readonly Happening[]) => {
    const [first] = members;
    if (members.length === 1 && first?.executionId) return onShowExecution(first.executionId);
    setPicked(new Set(members.map((each) => each.key)));
    list.current?.scrollIntoView({ block: "nearest" });
  }, [onShowExecution]);
  const metrics = shownMetrics(chart.series);
  const missing = notMeasured(chart.series);
  return (
    <div className="charts-with-list">
      <div>
        {metrics.length === 0 && <p className="card empty chart-wait" data-testid="nothing-measured">{t("chart.empty")}</p>}
        <div className="chart-grid" data-testid="chart-grid">
          {metrics.map((metric) => (
            <ChartCard
              key={metric} pluginId={plugin.plugin_id} metric={metric} anomalies={anomalies} close={drill === metric} onDrill={onDrill} times={times} from={from} to={to} values={chart.series[metric] ?? []} compared={chart.compared?.[metric] ?? null}
              limit={limitOf(metric, plugin.policy)} band={bands?.[metric] ?? null} happenings={byMetric[metric] ?? changes} zoom={zoom} onPick={pick}
            />
          ))}
        </div>
        {metrics.length > 0 && missing.length > 0 && (
          <details className="muted small">
            <summary>{t("plugin.notMeasured", { n: missing.length })}</summary>
            {missing.map(nameOf).join(", ")}
          </details>
        )}
      </div>
      <div ref={list}><HappeningList pluginId={plugin.plugin_id} happenings={all} picked={picked} onShowExecution={onShowExecution} /></div>
    </div>
  );
}

/** What the shaded band means, or why there is none. */
function ForecastNote({ text, known }: { text: string | null; known: boolean }) {
  const { t } = useLanguage();
  if (!known) return null;
  return <p className="muted small" data-testid="forecast-note">{text ?? t("plugin.forecast.band")}</p>;
}

/** What the grey band and the dots mean; where nothing is known of it, why. What cannot be asked for is no reason to show no charts. */
function UsualNote({ anomalies: { data, failed, askAgain } }: { anomalies: ReturnType<typeof useAnomalies> }) {
  const { t } = useLanguage();
  if (failed && !data) return <p className="muted small" role="status" data-testid="usual-note">{t("plugin.usual.failed")} <button type="button" className="link" onClick={askAgain}>{t("error.retry")}</button></p>;
  if (!data) return null;
  return (
    <p className="muted small usual-note" data-testid="usual-note">
      {Object.keys(data.bands).length === 0 ? t("plugin.usual.none") : <><span className="usual-swatch" aria-hidden="true" /> {t("plugin.usual.band")} <span className="usual-dot" aria-hidden="true" /> {t("plugin.usual.dots")}</>}
    </p>
  );
}
