type Column = readonly (number | null)[];
export type Drawn = (number | null | undefined)[];

const BRIDGED = 2.5; // times the usual distance of two measurements: what is farther apart has a gap between

/**
 * Return a column for drawing. A metric that is measured more rarely than the grid has buckets is empty in most of them: between
 * two neighbouring measurements it is `undefined` (drawn over); what was really missed stays null (a gap).
 */
export function bridged(values: Column): Drawn {
  const drawn: Drawn = [...values];
  const usual = usualDistance(values);
  if (usual === 1) return drawn;
  let last = -1;
  for (let index = 0; index < values.length; index += 1) {
    if (values[index] === null) continue;
    if (last >= 0 && index - last > 1 && index - last <= BRIDGED * usual) drawn.fill(undefined, last + 1, index);
    last = index;
  }
  return drawn;
}

/** Return the median distance of two neighbouring measurements, in buckets; 1 where there are none. */
export function usualDistance(values: Column): number {
  if (!values.includes(null)) return 1;
  const counts = new Map<number, number>();
  let [last, steps] = [-1, 0];
  for (let index = 0; index < values.length; index += 1) {
    if (values[index] === null) continue;
    if (last >= 0) counts.set(index - last, (counts.get(index - last) ?? 0) + 1);
    if (last >= 0) steps += 1;
    last = index;
  }
  let passed = 0;
  for (const [distance, count] of [...counts].sort(([a], [b]) => a - b)) {
    passed += count;
    if (passed * 2 >= steps) return distance;
  }
  return 1;
}

/** Return the latest measurement at or before a bucket that still stands for it; null in a gap. */
export function standingAt(values: Column, index: number): number | null {
  const usual = usualDistance(values);
  const reach = usual === 1 ? 0 : Math.floor(usual * BRIDGED);
  for (let place = index; place >= Math.max(0, index - reach); place -= 1) {
    const value = values[place];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** Return the latest measurement; null where there is none. */
export function latestOf(values: Column): number | null {
  return values[measuredUntil(values) - 1] ?? null;
}

/** Return how many buckets there are up to the latest measurement; all of them where nothing was measured. */
export function measuredUntil(values: Column): number {
  for (let count = values.length; count > 0; count -= 1) if (values[count - 1] !== null) return count;
  return values.length;
}

/** Return the places of measurements with a gap on either side: no line goes through them, so they are drawn as dots. */
export function alone(drawn: readonly (number | null | undefined)[]): number[] {
  const isGap = (value: number | null | undefined) => value === null || value === undefined;
  const found: number[] = [];
  if (drawn.length > 1 && !drawn.some(isGap)) return found; // so it is nearly always
  for (let index = 0; index < drawn.length; index += 1) {
    if (isGap(drawn[index])) continue;
    if (neighbour(drawn, index, -1) === null && neighbour(drawn, index, 1) === null) found.push(index);
  }
  return found;
}

/** Return the same for a plot: null where there are none, or it would draw an empty path. */
export function dots(drawn: Drawn): number[] | null {
  const found = alone(drawn);
  return found.length > 0 ? found : null;
}

/** Return the value that a line would come from or go to; null at a gap and at the end. */
function neighbour(drawn: readonly (number | null | undefined)[], index: number, step: 1 | -1): number | null {
  let place = index + step;
  while (place >= 0 && place < drawn.length && drawn[place] === undefined) place += step;
  return drawn[place] ?? null;
}
