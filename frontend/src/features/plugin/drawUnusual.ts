/** What is drawn of what was expected, of what was not, and of a closer look. */

import type uPlot from "uplot";
import { pieces, type Stretch } from "@/lib/unusual";
import { begin, type Paint } from "./drawing";
import type { Drawn } from "./plot";

const BAND_ALPHA = 0.2;
const EDGE_ALPHA = 0.55;
const EPISODE_ALPHA = 0.1;
const ALIKE_ALPHA = 0.07;
const POINT_PX = 3;

/** What was expected, as a grey band under the line, and behind it the times at which it was something else. */
export function drawUsual(plot: uPlot, paint: Paint, { unusual, closer, from }: Drawn): void {
  if (isPlain(unusual, closer)) return;
  for (const each of closer?.alike ?? []) shade(plot, paint.accent, ALIKE_ALPHA, each);
  for (const each of unusual.episodes) shade(plot, paint.warning, EPISODE_ALPHA, each);
  const { pen, ratio } = begin(plot, paint.faint);
  const y = (value: number) => plot.valToPos(value, "y", true);
  for (const piece of pieces(unusual.band, unusual.stepSeconds)) {
    const places = piece.flatMap(([at, , low, high]) => {
      const end = Date.parse(at) / 1000;
      if (end < from) return [];
      const [left, right] = [plot.valToPos(end - unusual.stepSeconds, "x", true), plot.valToPos(end, "x", true)];
      return [[left, y(low), y(high)], [right, y(low), y(high)]] as const;
    });
    if (places.length === 0) continue;
    const highs = () => places.forEach(([x, , top], index) => pen[index ? "lineTo" : "moveTo"](x, top));
    pen.globalAlpha = BAND_ALPHA;
    pen.beginPath();
    highs();
    places.toReversed().forEach(([x, bottom]) => pen.lineTo(x, bottom));
    pen.closePath();
    pen.fill();
    pen.globalAlpha = EDGE_ALPHA;
    pen.setLineDash([ratio, 2 * ratio]);
    pen.beginPath();
    highs();
    places.forEach(([x, bottom], index) => pen[index ? "lineTo" : "moveTo"](x, bottom));
    pen.stroke();
  }
  pen.restore();
}

/** Most charts have nothing of it, and there are many of them. */
function isPlain({ band, episodes }: Drawn["unusual"], closer: Drawn["closer"]): boolean {
  return closer === null && band.length === 0 && episodes.length === 0;
}

function shade(plot: uPlot, colour: string, alpha: number, stretch: Stretch): void {
  const { pen } = begin(plot, colour);
  const { top, height } = plot.bbox;
  const left = plot.valToPos(stretch.from, "x", true);
  pen.globalAlpha = alpha;
  pen.fillRect(left, top, Math.max(1, plot.valToPos(stretch.to, "x", true) - left), height);
  pen.restore();
}

/** Points that are not as they used to be, over the line; and the levels that a closer look found. */
export function drawPoints(plot: uPlot, paint: Paint, { unusual, closer }: Drawn): void {
  if (isPlain(unusual, closer)) return;
  const { pen, ratio } = begin(plot, paint.warning);
  const [times, values] = [plot.data[0], plot.data[1]];
  pen.strokeStyle = paint.ground;
  for (const place of unusual.places) {
    const [at, value] = [times?.[place], values?.[place]];
    if (at === undefined || value === undefined || value === null) continue;
    pen.beginPath();
    pen.arc(plot.valToPos(at, "x", true), plot.valToPos(value, "y", true), POINT_PX * ratio, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }
  pen.strokeStyle = paint.ink;
  pen.lineWidth = 2 * ratio;
  for (const { from, to, level } of closer?.levels ?? []) {
    const y = plot.valToPos(level, "y", true);
    pen.beginPath();
    pen.moveTo(plot.valToPos(from, "x", true), y);
    pen.lineTo(plot.valToPos(to, "x", true), y);
    pen.stroke();
  }
  pen.setLineDash([3 * ratio, 3 * ratio]);
  pen.lineWidth = 1.25 * ratio;
  for (const { from } of closer?.levels.slice(1) ?? []) {
    const x = plot.valToPos(from, "x", true);
    pen.beginPath();
    pen.moveTo(x, plot.bbox.top);
    pen.lineTo(x, plot.bbox.top + plot.bbox.height);
    pen.stroke();
  }
  pen.restore();
}
