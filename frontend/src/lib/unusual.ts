/** What was expected of a metric, and where it was something else: what a chart draws of it. */

import type { Anomalies, BandPoint, Column, Episode } from "./pluginTypes";

/** In seconds since 1970, as the axis of a chart. */
export interface Stretch {
  from: number;
  to: number;
}

export interface Unusual {
  /** What was expected, each point for the step that ends with it. */
  band: readonly BandPoint[];
  stepSeconds: number;
  /** When the metric was not as it used to be. */
  episodes: readonly Stretch[];
  /** The places of the column that lie within an episode and outside of what was expected. */
  places: readonly number[];
}

export const NOTHING_UNUSUAL: Unusual = { band: [], stepSeconds: 0, episodes: [], places: [] };

/** `times` are seconds, one for each value. */
export function unusualOf(metric: string, times: readonly number[], values: Column, anomalies: Anomalies | undefined): Unusual {
  if (!anomalies) return NOTHING_UNUSUAL;
  const band = anomalies.bands[metric] ?? NOTHING_UNUSUAL.band;
  const episodes = anomalies.episodes.filter((episode) => episode.metric === metric).map(stretchOf);
  const places = episodes.length > 0 ? outside(times, values, episodes, reader(band, anomalies.step_seconds)) : [];
  return { band, stepSeconds: anomalies.step_seconds, episodes, places };
}

function outside(times: readonly number[], values: Column, episodes: readonly Stretch[], expectedAt: (at: number) => BandPoint | null): number[] {
  const found: number[] = [];
  for (let place = 0; place < values.length; place += 1) {
    const [value, at] = [values[place] ?? null, times[place] ?? NaN];
    if (value === null || !episodes.some(({ from, to }) => from <= at && at <= to)) continue;
    const expected = expectedAt(at);
    if (!expected || value < expected[2] || value > expected[3]) found.push(place);
  }
  return found;
}

function stretchOf({ since, until }: Episode): Stretch {
  return { from: Date.parse(since) / 1000, to: Date.parse(until) / 1000 };
}

/** Return what reads the point of the step that holds a moment; null where none does. */
export function reader(band: readonly BandPoint[], stepSeconds: number): (at: number) => BandPoint | null {
  const ends = band.map(([at]) => Date.parse(at) / 1000);
  return (at) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    const found = band[low];
    return found && (ends[low] ?? 0) - at < stepSeconds ? found : null;
  };
}

/** Return the band in pieces without a gap: what was not expected is not drawn over. */
export function pieces(band: readonly BandPoint[], stepSeconds: number): BandPoint[][] {
  const found: BandPoint[][] = [];
  let last = -Infinity;
  for (const point of band) {
    const at = Date.parse(point[0]) / 1000;
    if (at - last > 1.5 * stepSeconds) found.push([]);
    found.at(-1)?.push(point);
    last = at;
  }
  return found;
}

const FAR = 4; // times what is else drawn: beyond that the line would be flat

/** Return the highest end of the band that leaves the line readable; 0 where there is none. */
export function bandTop(band: readonly BandPoint[], high: number): number {
  const most = high > 0 ? FAR * high : Infinity;
  return Math.min(most, band.reduce((top, point) => Math.max(top, point[3]), 0));
}
