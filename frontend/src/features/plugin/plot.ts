import uPlot from "uplot";
import type { Mark } from "@/lib/types";
import { topOf } from "./limit";

export interface PlotSettings {
  /** Read at each drawing, so that new marks need no new plot. */
  shown: { current: { marks: Mark[]; limit: number | null } };
  locale: string;
  limitText: string;
  show: (value: number | null) => string;
}

const HEIGHT_PX = 240;
const LABEL_GAP_PX = 4;
const ROW_PX = 15;
const TOP_ROWS = 3; // a limit's label that high would stand where the labels of changes begin

/** Create an empty plot in `host` that follows its width and the colours of the theme. */
export function createPlot(host: HTMLElement, settings: PlotSettings): { plot: uPlot; destroy: () => void } {
  const plot = new uPlot(options(host, settings), [[], []], host);
  const observer = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT_PX }));
  observer.observe(host);
  return {
    plot,
    destroy: () => {
      observer.disconnect();
      plot.destroy();
    },
  };
}

function options(host: HTMLElement, settings: PlotSettings): uPlot.Options {
  const ink = colour("--ink-3");
  const grid = { stroke: colour("--line"), width: 1 };
  const clock = new Intl.DateTimeFormat(settings.locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  return {
    width: host.clientWidth || 600,
    height: HEIGHT_PX,
    legend: { live: true },
    cursor: { y: false, points: { size: 7 } },
    scales: { y: { range: (_plot, _low, high) => [0, topOf(high, settings.shown.current.limit)] } },
    series: [
      { label: "", value: (_plot, at) => (at ? clock.format(at * 1000) : "–") },
      { label: "", stroke: colour("--accent"), width: 1.75, fill: colour("--accent-wash"), spanGaps: false, points: { show: false }, value: (_plot, value) => settings.show(value) },
    ],
    axes: [
      { stroke: ink, font, grid: { show: false }, ticks: grid, values: (_plot, times) => times.map((at) => clock.format(at * 1000)) },
      { stroke: ink, font, grid, ticks: { show: false }, size: 68, values: (_plot, values) => values.map((value) => settings.show(value)) },
    ],
    hooks: { draw: [(plot) => drawLimit(plot, settings), (plot) => drawMarks(plot, settings)] },
  };
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function prepare(plot: uPlot, stroke: string): { pen: CanvasRenderingContext2D; ratio: number } {
  const ratio = devicePixelRatio;
  const pen = plot.ctx;
  pen.save();
  pen.font = `${11 * ratio}px ${getComputedStyle(plot.root).fontFamily}`;
  pen.textBaseline = "bottom";
  pen.lineWidth = ratio;
  pen.strokeStyle = pen.fillStyle = stroke;
  return { pen, ratio };
}

/** Return where the limit's label ends below: above its line, or below it where the plot ends there. */
function limitPlace(plot: uPlot, limit: number, ratio: number): { outside: boolean; y: number; bottom: number } {
  const { top, height } = plot.bbox;
  const outside = limit > (plot.scales.y?.max ?? Infinity);
  const y = outside ? top : plot.valToPos(limit, "y", true);
  const [above, below] = [y - 2 * ratio, y + ROW_PX * ratio];
  return { outside, y, bottom: Math.min(top + height, above < top + ROW_PX * ratio ? below : above) };
}

function drawLimit(plot: uPlot, { shown, limitText, show }: PlotSettings): void {
  const { limit } = shown.current;
  if (limit === null) return;
  const { pen, ratio } = prepare(plot, colour("--critical"));
  const { left, width } = plot.bbox;
  const { outside, y, bottom } = limitPlace(plot, limit, ratio);
  if (!outside) line(pen, [left, y], [left + width, y], [5 * ratio, 4 * ratio]);
  const text = `${outside ? "↑ " : ""}${limitText} ${show(limit)}`;
  const right = left + width - LABEL_GAP_PX * ratio;
  behind(pen, [right - pen.measureText(text).width, bottom - ROW_PX * ratio, right, bottom], 2 * ratio);
  pen.textAlign = "right";
  pen.fillText(text, right, bottom);
  pen.restore();
}

/** Draw each change as a labelled line, below the limit's label; labels that would touch take the next row. */
function drawMarks(plot: uPlot, { shown }: PlotSettings): void {
  const { left, top, width, height } = plot.bbox;
  const { pen, ratio } = prepare(plot, colour("--ink-2"));
  const { limit } = shown.current;
  const taken = limit === null ? 0 : Math.ceil((limitPlace(plot, limit, ratio).bottom - top) / (ROW_PX * ratio));
  const first = taken <= TOP_ROWS ? taken : 0;
  const ends: number[] = [];
  for (const mark of shown.current.marks) {
    const x = plot.valToPos(Date.parse(mark.at) / 1000, "x", true);
    if (x < left || x > left + width) continue;
    const wide = pen.measureText(mark.text).width;
    const turned = x + wide + 8 * ratio > left + width;
    const start = turned ? x - wide - LABEL_GAP_PX * ratio : x + LABEL_GAP_PX * ratio;
    const free = ends.findIndex((end) => end < start);
    const row = free < 0 ? ends.length : free;
    ends[row] = start + wide;
    line(pen, [x, top], [x, top + height], mark.kind === "execution" ? [] : [2 * ratio, 3 * ratio]);
    pen.textAlign = "left";
    pen.fillText(mark.text, start, top + (first + row + 1) * ROW_PX * ratio);
  }
  pen.restore();
}

/** Clear the place of a label, so that no line crosses it. */
function behind(pen: CanvasRenderingContext2D, [left, top, right, bottom]: [number, number, number, number], margin: number): void {
  const ink = pen.fillStyle;
  pen.fillStyle = colour("--sunken");
  pen.globalAlpha = 0.85;
  pen.fillRect(left - margin, top, right - left + 2 * margin, bottom - top);
  pen.globalAlpha = 1;
  pen.fillStyle = ink;
}

function line(pen: CanvasRenderingContext2D, from: [number, number], to: [number, number], dash: number[]): void {
  pen.beginPath();
  pen.setLineDash(dash);
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
}
