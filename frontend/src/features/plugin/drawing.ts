/** What is drawn over and under the line of a chart. */

import type uPlot from "uplot";
import type { Happening } from "./cluster";
import type { Drawn } from "./plot";

export interface Paint {
  accent: string;
  wash: string;
  line: string;
  faint: string;
  ink: string;
  critical: string;
  warning: string;
  ground: string;
  font: string;
}

const LABEL_PX = 14;
const BAND_ALPHA = 0.16;

/** Return a pen that draws within the plot alone; whoever takes it restores it. */
export function begin(plot: uPlot, stroke: string): { pen: CanvasRenderingContext2D; ratio: number } {
  const ratio = devicePixelRatio;
  const pen = plot.ctx;
  pen.save();
  const { left, top, width, height } = plot.bbox;
  pen.beginPath();
  pen.rect(left, top, width, height);
  pen.clip();
  pen.lineWidth = ratio;
  pen.strokeStyle = pen.fillStyle = stroke;
  return { pen, ratio };
}

/** The forecast: a band that holds four times in five, and the middle of it. */
export function drawBand(plot: uPlot, paint: Paint, { band }: Drawn): void {
  if (band.length < 2) return;
  const { pen, ratio } = begin(plot, paint.accent);
  const x = (at: string) => plot.valToPos(Date.parse(at) / 1000, "x", true);
  const y = (value: number) => plot.valToPos(value, "y", true);
  pen.globalAlpha = BAND_ALPHA;
  pen.beginPath();
  band.forEach(([at, , , high], index) => pen[index ? "lineTo" : "moveTo"](x(at), y(high)));
  band.toReversed().forEach(([at, , low]) => pen.lineTo(x(at), y(low)));
  pen.closePath();
  pen.fill();
  pen.globalAlpha = 1;
  pen.setLineDash([2 * ratio, 3 * ratio]);
  pen.beginPath();
  band.forEach(([at, expected], index) => pen[index ? "lineTo" : "moveTo"](x(at), y(expected)));
  pen.stroke();
  pen.restore();
}

/** The limit that the policy sets, named; where it lies far above all that was measured, its name with an arrow. */
export function drawLimit(plot: uPlot, paint: Paint, { limit }: Drawn, name: string, show: (value: number) => string): void {
  if (limit === null) return;
  const { pen, ratio } = begin(plot, paint.critical);
  const { left, top, width } = plot.bbox;
  const outside = limit > (plot.scales.y?.max ?? Infinity);
  const y = outside ? top : plot.valToPos(limit, "y", true);
  if (!outside) line(pen, [left, y], [left + width, y], [5 * ratio, 4 * ratio]);
  const text = `${outside ? "↑ " : ""}${name} ${show(limit)}`;
  const above = y - LABEL_PX * ratio >= top;
  const bottom = above ? y - 2 * ratio : y + LABEL_PX * ratio;
  pen.font = paint.font.replace(/^[\d.]+px/, `${11 * ratio}px`);
  pen.textAlign = "right";
  pen.textBaseline = "bottom";
  const right = left + width - 2 * ratio;
  pen.fillStyle = paint.ground;
  pen.globalAlpha = 0.8;
  pen.fillRect(right - pen.measureText(text).width - 3 * ratio, bottom - LABEL_PX * ratio, pen.measureText(text).width + 5 * ratio, LABEL_PX * ratio);
  pen.globalAlpha = 1;
  pen.fillStyle = paint.critical;
  pen.fillText(text, right, bottom);
  pen.restore();
}

const DASHES: Record<Happening["kind"], number[]> = {
  execution: [], rollback: [6, 3], setting: [2, 3], policy: [2, 3], restart: [1, 4], deployment: [8, 3, 2, 3], onset: [], unusual: [1, 2],
};

/** A line for each change and each onset; what it is stands on the button above it. */
export function drawHappenings(plot: uPlot, paint: Paint, { happenings }: Drawn): void {
  const { left, top, width, height } = plot.bbox;
  const { pen, ratio } = begin(plot, paint.ink);
  for (const each of happenings) {
    const x = Math.round(plot.valToPos(each.at / 1000, "x", true));
    if (x < left || x > left + width) continue;
    pen.strokeStyle = colourOf(each, paint);
    line(pen, [x, top], [x, top + height], (DASHES[each.kind] ?? []).map((part) => part * ratio));
  }
  pen.restore();
}

function colourOf(each: Happening, paint: Paint): string {
  if (each.severity === "critical") return paint.critical;
  if (each.kind === "unusual") return paint.faint;
  return each.kind === "onset" ? paint.warning : paint.ink;
}

function line(pen: CanvasRenderingContext2D, from: [number, number], to: [number, number], dash: number[]): void {
  pen.beginPath();
  pen.setLineDash(dash);
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
}
