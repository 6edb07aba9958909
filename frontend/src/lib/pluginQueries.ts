"use client";

/** The questions of the page of one plugin. They load with it. */

import { request } from "./api";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./query/useAnswer";
import { ledOn, restFrom, withColumns } from "./chartCourse";
import type { Drill } from "./drillTypes";
import type { Anomalies, Anatomy, Chart, Curves, Forecast } from "./pluginTypes";

const MINUTE_MS = 60_000;
const CURVES_MS = 30_000;

/** A stretch of time: ends in ms, `to` null for "now", then `spanMs` back from it. */
export interface Stretch {
  from: number | null;
  to: number | null;
  spanMs: number;
}

export interface ChartQuestion extends Stretch {
  points: number;
  shiftSeconds: number;
}

export function useChart(id: string, asked: ChartQuestion) {
  const { lang } = useLanguage();
  const { from, to, spanMs, points, shiftSeconds } = asked;
  return useAnswer<Chart>({
    queryKey: ["chart", id, lang, from, to, spanMs, points, shiftSeconds],
    queryFn: () => chartOf(id, lang, asked),
    keepPrevious: true,
    refetchInterval: to === null ? refreshMs(spanMs, points) : false,
  });
}

const STILL_POINTS = 200;

/** A stretch that does not go on with the time. */
export function useStillChart(id: string, asked: Stretch) {
  const { lang } = useLanguage();
  return useAnswer<Chart>({
    queryKey: ["chart", "still", id, lang, asked.from, asked.to],
    queryFn: () => read<Chart>(id, "chart", { ...ends(asked), points: String(STILL_POINTS) }),
    refetchInterval: false,
  });
}

const WHOLE_EACH_MS = 60_000; // what changes behind the last buckets (a finding that is over) shows by then
let shown: { key: string; chart: Chart; wholeAt: number } | null = null;

/** Ask for the whole stretch; while it goes on with the time, for the buckets since the last answer. */
async function chartOf(id: string, lang: string, asked: ChartQuestion): Promise<Chart> {
  const key = JSON.stringify([id, lang, asked]);
  const query = { points: String(asked.points), shift_seconds: asked.shiftSeconds ? String(asked.shiftSeconds) : undefined };
  const known = asked.to === null && shown?.key === key && Date.now() - shown.wholeAt < WHOLE_EACH_MS ? shown : null;
  if (!known) {
    const chart = withColumns(await read<Chart>(id, "chart", { ...ends(asked), ...query }));
    shown = { key, chart, wholeAt: Date.now() };
    return chart;
  }
  const since = { from: restFrom(known.chart), to: Date.now(), spanMs: 0 };
  const rest = await read<Chart>(id, "chart", { ...ends(since), ...query, step_seconds: String(known.chart.step_seconds) });
  shown = { ...known, chart: ledOn(known.chart, rest) };
  return shown.chart;
}

export function useForecast(id: string, enabled: boolean) {
  const { lang } = useLanguage();
  return useAnswer<Forecast>({ queryKey: ["forecast", id, lang], queryFn: () => read<Forecast>(id, "forecast"), enabled, keepPrevious: true, refetchInterval: MINUTE_MS });
}

const EPISODES_MS = 300_000; // the server computes them no more often

/** When metrics were not as they used to be, also what is over. */
export function useAnomalies(id: string, asked: Stretch) {
  const { lang } = useLanguage();
  return useAnswer<Anomalies>({
    queryKey: ["anomalies", id, lang, asked.from, asked.to, asked.spanMs],
    queryFn: () => read<Anomalies>(id, "anomalies", ends(asked)),
    keepPrevious: true,
    refetchInterval: asked.to === null ? EPISODES_MS : false,
  });
}

export function useAnatomy(id: string, asked: Stretch) {
  const { lang } = useLanguage();
  return useAnswer<Anatomy>({
    queryKey: ["anatomy", id, lang, asked.from, asked.to, asked.spanMs],
    queryFn: () => read<Anatomy>(id, "anatomy", ends(asked)),
    keepPrevious: true,
    refetchInterval: asked.to === null ? CURVES_MS : false,
  });
}

export function useCurves(id: string) {
  const { lang } = useLanguage();
  return useAnswer<Curves>({ queryKey: ["curves", id, lang], queryFn: () => read<Curves>(id, "curves"), keepPrevious: true, refetchInterval: CURVES_MS });
}

const LONG_MS = 310_000; // the server takes at most 300 s
const LEAST_SHAPE_SECONDS = 7_200;
const SHAPES = 80; // in the whole: at least as many measurements in each as the server asks for

/** One metric looked at closely, in a process of the server's own: asked once, when somebody wants it. */
export function useDrill(id: string, metric: string, { from, to }: { from: number; to: number }) {
  const shape = Math.min(604_800, Math.max(LEAST_SHAPE_SECONDS, Math.round((to - from) / 1000 / SHAPES)));
  const query = { ...ends({ from, to, spanMs: 0 }), metric, shape_seconds: String(shape) };
  return useAnswer<Drill>({
    queryKey: ["drill", id, metric, from, to],
    queryFn: () => request<Drill>("GET", `/plugins/${encodeURIComponent(id)}/drill`, { query, timeoutMs: LONG_MS }),
    staleTime: Infinity,
    refetchInterval: false,
  });
}

const LEAST_REFRESH_MS = 2_000;

/** A bucket of the grid is worth a question, less is not. */
export function refreshMs(spanMs: number, points: number): number {
  return Math.min(MINUTE_MS, Math.max(LEAST_REFRESH_MS, spanMs / points));
}

function ends({ from, to, spanMs }: Stretch): Record<string, string> {
  const last = to ?? Date.now();
  return { from: new Date(from ?? last - spanMs).toISOString(), to: new Date(last).toISOString() };
}

function read<T>(id: string, what: string, query: Record<string, string | undefined> = {}): Promise<T> {
  return request<T>("GET", `/plugins/${encodeURIComponent(id)}/${what}`, { query });
}
