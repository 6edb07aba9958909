"use client";

import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import type uPlot from "uplot";
import { useLanguage } from "@/lib/i18n/context";
import { useTheme } from "@/lib/theme";
import type { Mark } from "@/lib/types";
import { createPlot } from "./plot";

interface Props {
  metric: string;
  name: string;
  points: [string, number | null][];
  marks: Mark[];
  limit: number | null;
}

const TABLE_ROWS = 12;

/** A line over time that can be read by eye, by arrow keys and by a screen reader. */
export default function TimeChart({ metric, name, points, marks, limit }: Props) {
  const { t, lang, format } = useLanguage();
  const { resolved } = useTheme();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef({ marks, limit });
  const [reading, setReading] = useState("");

  useEffect(() => {
    if (!host.current) return;
    const created = createPlot(host.current, {
      shown, locale: lang, limitText: t("chart.limit"), show: (value) => format.metric(metric, value),
    });
    plot.current = created.plot;
    return () => {
      created.destroy();
      plot.current = null;
    };
  }, [resolved, metric, lang, format, t]);

  useEffect(() => {
    shown.current = { marks, limit };
    plot.current?.setData([points.map(([at]) => Date.parse(at) / 1000), points.map(([, value]) => value)]);
    // Where the pointer is elsewhere the legend reads the newest value; the plot itself resets it in a microtask.
    queueMicrotask(() => {
      if (plot.current && plot.current.cursor.idx == null) plot.current.setLegend({ idx: points.length - 1 });
    });
  }, [points, marks, limit, resolved, metric, lang]);

  const moveCursor = (event: KeyboardEvent) => {
    const index = nextIndex(event, plot.current?.cursor.idx ?? points.length - 1, points.length);
    const point = index === null ? undefined : points[index];
    if (!point || index === null || !plot.current) return;
    event.preventDefault();
    const [times, values] = plot.current.data;
    plot.current.setCursor({ left: plot.current.valToPos(times[index] ?? 0, "x"), top: plot.current.valToPos(values?.[index] ?? 0, "y") });
    setReading(`${format.clock(point[0])} ${format.metric(metric, point[1])}`);
  };

  return (
    <div className="chart">
      <div
        ref={host} className="chart-space" tabIndex={0} role="group" aria-label={t("chart.label", { metric: name })}
        onKeyDown={moveCursor} data-testid="chart"
      />
      <p className="visually-hidden" aria-live="polite">{reading}</p>
      <table className="visually-hidden">
        <caption>{name}</caption>
        <tbody>
          {sampled(points).map(([at, value]) => (
            <tr key={at}><th scope="row">{format.clock(at)}</th><td>{format.metric(metric, value)}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sampled(points: Props["points"]): Props["points"] {
  const every = Math.max(1, Math.ceil(points.length / TABLE_ROWS));
  return points.filter((_, index) => index % every === 0);
}

function nextIndex(event: KeyboardEvent, index: number, count: number): number | null {
  const step = event.shiftKey ? 10 : 1;
  if (event.key === "ArrowRight") return Math.min(count - 1, index + step);
  if (event.key === "ArrowLeft") return Math.max(0, index - step);
  if (event.key === "Home") return 0;
  if (event.key === "End") return count - 1;
  return null;
}
