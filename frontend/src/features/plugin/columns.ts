/** The line of a chart, drawn as finely as pixels are, however many points it has. */

import type uPlot from "uplot";

/** From a measurement to its pixel. */
export type Place = (value: number) => number;

type Values = ArrayLike<number | null | undefined>;

/**
 * Return the corners of a line as x, y, x, y …, a list for each part without a gap. Of all points that fall into one column of pixels
 * only the lowest and the highest stay, the one nearer to the last point last: they cover the same pixels as all (the idea of
 * Jugel et al., M4: a visualization-oriented time series data aggregation, VLDB 2014). `null` is a gap; `undefined` is drawn over.
 */
export function columnsOf(times: ArrayLike<number>, values: Values, first: number, last: number, x: Place, y: Place): number[][] {
  const runs: number[][] = [];
  let run: number[] | null = null;
  let [column, low, high, end] = [NaN, 0, 0, 0];
  const close = () => {
    if (run && low === high) run.push(column, low);
    else if (run && end - low < high - end) run.push(column, high, column, low);
    else if (run) run.push(column, low, column, high);
  };
  for (let index = first; index <= last; index += 1) {
    const value = values[index];
    if (value === undefined) continue;
    if (value === null) {
      close();
      run = null;
      continue;
    }
    const at = Math.round(x(times[index] ?? NaN));
    const height = y(value);
    if (!run || at !== column) {
      close();
      if (!run) runs.push((run = []));
      column = at;
      low = high = height;
    } else if (height < low) low = height;
    else if (height > high) high = height;
    end = height;
  }
  close();
  return runs;
}

/** Return the line of a series and the area below it. A point alone between gaps has no line; the chart draws those as dots. */
export function columnPaths(plot: uPlot, series: number, first: number, last: number): uPlot.Series.Paths {
  const { left, top, width, height } = plot.bbox;
  const bottom = top + height;
  const place = (scale: string, begin: number, length: number): Place => {
    const { min = 0, max = 1 } = plot.scales[scale] as { min?: number; max?: number };
    return (value) => begin + ((value - min) / (max - min)) * length;
  };
  const runs = columnsOf(plot.data[0], plot.data[series] as Values, first, last, place("x", left, width), place("y", bottom, -height));
  const stroke = new Path2D();
  for (const run of runs) trace(stroke, run);
  const fill = runs.length === 1 ? new Path2D(stroke) : new Path2D();
  for (const run of runs) {
    if (runs.length > 1) trace(fill, run);
    fill.lineTo(run.at(-2) ?? 0, bottom);
    fill.lineTo(run[0] ?? 0, bottom);
  }
  return { stroke, fill, clip: null, flags: 0 };
}

function trace(path: Path2D, run: readonly number[]): void {
  path.moveTo(run[0] ?? 0, run[1] ?? 0);
  for (let place = 2; place < run.length; place += 2) path.lineTo(run[place] ?? 0, run[place + 1] ?? 0);
}
