import { linePath } from "@/lib/linePath";
import type { Column } from "@/lib/pluginTypes";
import { bandTop, pieces, type Unusual } from "@/lib/unusual";

export const WIDTH = 600;
export const HEIGHT = 120;
export const PAD = 8;
const HEADROOM = 1.1;

/** Times in seconds. */
export interface Seen {
  times: readonly number[];
  values: Column;
  unusual: Unusual;
  onset: number;
  changes: readonly number[];
  from: number;
  to: number;
}

/** The same in the places of a picture. */
export interface Drawing {
  line: string;
  /** Corners of what was expected, a polygon for each stretch. */
  band: string[];
  points: [number, number][];
  onset: number;
  changes: number[];
  /** What was measured, without the gaps; never empty where a line is drawn. */
  known: number[];
}

/** Return a course from zero up: heights are compared with the eye. Nothing is drawn beyond the ends. */
export function courseDrawing({ times, values, unusual, onset, changes, from, to }: Seen): Drawing {
  const known = values.filter((value) => value !== null);
  const high = Math.max(0, ...known);
  const top = Math.max(high, bandTop(unusual.band, high)) * HEADROOM || 1;
  const within = (at: number) => Math.min(to, Math.max(from, at));
  const x = (at: number) => round(PAD + ((within(at) - from) / (to - from || 1)) * (WIDTH - 2 * PAD));
  const y = (value: number) => round(HEIGHT - PAD - (Math.min(value, top) / top) * (HEIGHT - 2 * PAD));
  const band = pieces(unusual.band, unusual.stepSeconds).map((piece) => {
    const places = piece.flatMap(([at, , low, highest]) => {
      const end = Date.parse(at) / 1000;
      return [end - unusual.stepSeconds, end].map((moment) => ({ at: x(moment), low: y(low), high: y(highest) }));
    });
    return [...places.map((place) => `${place.at},${place.high}`), ...places.toReversed().map((place) => `${place.at},${place.low}`)].join(" ");
  });
  return {
    line: linePath(values, (index) => x(times[index] ?? from), y),
    band,
    points: unusual.places.map((place) => [x(times[place] ?? from), y(values[place] ?? 0)]),
    onset: x(onset),
    changes: [...new Set(changes.map(x))],
    known,
  };
}

function round(place: number): number {
  return Math.round(place * 10) / 10;
}
