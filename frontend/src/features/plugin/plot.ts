import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { dots, type Drawn as Line } from "@/lib/gaps";
import type { BandPoint } from "@/lib/pluginTypes";
import { bandTop, type Unusual } from "@/lib/unusual";
import { drawBand, drawHappenings, drawLimit, type Paint } from "./drawing";
import type { Closer } from "./closer";
import { columnPaths } from "./columns";
import type { Happening } from "./cluster";
import { drawPoints, drawUsual } from "./drawUnusual";
import { topOf } from "./limit";
import { AXIS_PX, EDGE_PX, HEIGHT_PX } from "./measures";
import { watchTouch } from "./touch";

const LEAST_DRAG_PX = 8;

/** What is read at each drawing, so that new figures need no new plot. */
export interface Drawn {
  limit: number | null;
  band: readonly BandPoint[];
  unusual: Unusual;
  closer: Closer | null;
  happenings: readonly Happening[];
  /** The shown stretch, in seconds; wider than the data where a forecast is drawn. */
  from: number;
  to: number;
}

export interface PlotSettings {
  drawn: { current: Drawn };
  locale: string;
  limitText: string;
  label: string;
  compared: boolean;
  /** Whether its unit is counted in powers of two. */
  binary: boolean;
  show: (value: number | null) => string;
  onRead: (index: number | null) => void;
  onZoom: (from: number, to: number) => void;
}

export interface Plot {
  plot: uPlot;
  /** Show a choice between two moments (seconds); none for null. */
  choose: (from: number, to: number) => void;
  destroy: () => void;
}

/** Create an empty plot in `host` that follows its width and the colours of the theme. */
export function createPlot(host: HTMLElement, settings: PlotSettings): Plot {
  const plot = new uPlot(options(host, settings), settings.compared ? [[], [], []] : [[], []], host);
  const observer = new ResizeObserver(() => {
    if (host.clientWidth > 0 && host.clientWidth !== plot.width) plot.setSize({ width: host.clientWidth, height: HEIGHT_PX });
  });
  observer.observe(host);
  const choose = (from: number, to: number) => {
    const [left, right] = [plot.valToPos(from, "x"), plot.valToPos(to, "x")];
    plot.setSelect({ left, top: 0, width: Math.max(0, right - left), height: plot.over.clientHeight }, false);
  };
  const stop = watchTouch(plot, LEAST_DRAG_PX, settings.onZoom);
  return {
    plot,
    choose,
    destroy: () => {
      stop();
      observer.disconnect();
      plot.destroy();
    },
  };
}

/** Steps of an axis whose units are powers of two: MiB and their like are whole there. */
const POWERS_OF_TWO = Array.from({ length: 52 }, (_, exponent) => 2 ** exponent);

function options(host: HTMLElement, settings: PlotSettings): uPlot.Options {
  const paint = paintOf(host);
  const { drawn, show } = settings;
  const grid = { stroke: paint.line, width: 1 };
  const line = (stroke: string, more: Partial<uPlot.Series> = {}): uPlot.Series => ({
    stroke, width: 1.75, spanGaps: false, paths: columnPaths, points: { show: false, size: 4, fill: stroke, filter: (drawnPlot, index) => dots(drawnPlot.data[index] as Line) }, ...more,
  });
  return {
    width: host.clientWidth || 400,
    height: HEIGHT_PX,
    padding: [6, EDGE_PX, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: false }, sync: { key: "plugin-page", setSeries: false } },
    scales: {
      x: { time: true, range: () => [drawn.current.from, drawn.current.to] },
      y: { range: (_plot, _low, high) => [0, topOf(highest(drawn.current, high ?? 0), drawn.current.limit)] },
    },
    series: [
      {},
      line(paint.accent, { fill: paint.wash }),
      ...(settings.compared ? [line(paint.faint, { dash: [4, 4], width: 1.25 })] : []),
    ],
    axes: [
      { stroke: paint.faint, font: paint.font, size: 30, grid: { show: false }, ticks: grid, values: (_plot, times) => axisTimes(settings.locale, times) },
      { stroke: paint.faint, font: paint.font, size: AXIS_PX, space: 36, grid, ticks: { show: false }, values: (_plot, values) => values.map((value) => show(value)), ...(settings.binary && { incrs: POWERS_OF_TWO }) },
    ],
    hooks: {
      drawClear: [(plot) => drawUsual(plot, paint, drawn.current), (plot) => drawBand(plot, paint, drawn.current)],
      draw: [(plot) => drawPoints(plot, paint, drawn.current), (plot) => drawLimit(plot, paint, drawn.current, settings.limitText, show), (plot) => drawHappenings(plot, paint, drawn.current)],
      setCursor: [(plot) => settings.onRead(plot.cursor.idx ?? null)],
      setSelect: [(plot) => {
        const { left, width } = plot.select;
        if (width < LEAST_DRAG_PX) return;
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        settings.onZoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
      }],
    },
  };
}

/** Return the highest that has to be seen: of the line, of the forecast, and of what was expected as far as that leaves the line readable. */
function highest({ band, unusual }: Drawn, high: number): number {
  const seen = Math.max(high, ...band.map((point) => point[3]));
  return Math.max(seen, bandTop(unusual.band, seen));
}

const DAY_SECONDS = 86_400;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string, parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(parts);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, parts);
  formats.set(key, known);
  return known;
}

let told: { key: string; texts: string[] } | null = null;

/** The charts of a page have one axis, which is put into words once for all of them. */
function axisTimes(locale: string, times: number[]): string[] {
  const key = `${locale} ${times.join()}`;
  if (told?.key !== key) told = { key, texts: times.map((at, index) => axisTime(locale, at, times[index - 1])) };
  return told.texts;
}

/** The hour and minute; the day as well where it is another one than at the tick before; seconds where ticks are that near. */
function axisTime(locale: string, at: number, before: number | undefined): string {
  const day = formatOf(locale, { month: "numeric", day: "numeric" });
  if (before !== undefined && at - before >= DAY_SECONDS) return day.format(at * 1000);
  const seconds = before !== undefined && at - before < 60 ? ({ second: "2-digit" } as const) : {};
  const clock = formatOf(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...seconds }).format(at * 1000);
  const another = before !== undefined && day.format(before * 1000) !== day.format(at * 1000);
  return another ? `${clock}\n${day.format(at * 1000)}` : clock;
}

/** Colours are read once: asking the document for them at every drawing of every chart costs more than the drawing. */
function paintOf(host: HTMLElement): Paint {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    accent: colour("--accent"), wash: colour("--accent-wash"), line: colour("--line"), faint: colour("--ink-3"), ink: colour("--ink-2"),
    critical: colour("--critical"), warning: colour("--warning"), ground: colour("--surface"), font: `11px ${getComputedStyle(host).fontFamily}`,
  };
}
