"use client";

/** The questions of the page of one plugin. They load with it. */

import { request } from "./api";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./query/useAnswer";
import type { Anatomy, Chart, Curves, Forecast } from "./pluginTypes";

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
    queryFn: () => read<Chart>(id, "chart", { ...ends(asked), points: String(points), shift_seconds: shiftSeconds ? String(shiftSeconds) : undefined }),
    keepPrevious: true,
    refetchInterval: to === null ? refreshMs(spanMs, points) : false,
  });
}

export function useForecast(id: string, enabled: boolean) {
  const { lang } = useLanguage();
  return useAnswer<Forecast>({ queryKey: ["forecast", id, lang], queryFn: () => read<Forecast>(id, "forecast"), enabled, keepPrevious: true, refetchInterval: MINUTE_MS });
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
