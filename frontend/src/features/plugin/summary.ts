import type { Column } from "@/lib/pluginTypes";

export interface Summary {
  last: number | null;
  low: number | null;
  high: number | null;
  mean: number | null;
  /** How many buckets of how many hold something. */
  known: number;
}

/** Return what a reader who does not see a line has to know of it. */
export function summaryOf(values: Column): Summary {
  let [low, high, sum, known] = [Infinity, -Infinity, 0, 0];
  let last: number | null = null;
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
    known += 1;
    last = value;
  }
  return known ? { last, low, high, mean: sum / known, known } : { last: null, low: null, high: null, mean: null, known };
}

/** Return about `rows` places of a series, evenly spaced, the last one among them. */
export function sampledPlaces(count: number, rows: number): number[] {
  const every = Math.max(1, Math.ceil(count / rows));
  return Array.from({ length: Math.ceil(count / every) }, (_, row) => count - 1 - row * every).reverse();
}
