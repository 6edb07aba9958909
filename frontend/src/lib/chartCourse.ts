/** A chart that goes on: of what is known already only the last buckets are asked for again. */

import type { Chart, Column } from "./pluginTypes";

/** Columns of figures by metric. A class of its own, so that nobody compares each of them with its predecessor. */
export class Columns {
  [metric: string]: Column;

  constructor(columns: Readonly<Record<string, Column>>) {
    Object.assign(this, columns);
  }
}

const AGAIN_BUCKETS = 2; // the last one was not over when it was read, and samples come a little late

/** Return from when on a chart has to be asked again (ms). */
export function restFrom(known: Chart): number {
  return Date.parse(known.to) - AGAIN_BUCKETS * known.step_seconds * 1000;
}

/** Return `known` led on by what was asked since `restFrom`: as long as before, ending where `rest` ends. Both have the same step. */
export function ledOn(known: Chart, rest: Chart): Chart {
  const step = known.step_seconds * 1000;
  const [from, to, again] = [Date.parse(known.from), Date.parse(known.to), Date.parse(rest.from)];
  const moved = Math.round((Date.parse(rest.to) - to) / step);
  const kept = Math.round((again - from) / step);
  const begin = from + moved * step;
  const within = ({ at }: { at: string }) => Date.parse(at) >= begin && Date.parse(at) < again;
  const added = Math.round((Date.parse(rest.to) - again) / step);
  return {
    ...rest,
    from: new Date(begin).toISOString(),
    series: joined(known.series, rest.series, moved, kept, added),
    compared: known.compared && rest.compared ? joined(known.compared, rest.compared, moved, kept, added) : rest.compared,
    marks: [...known.marks.filter(within), ...rest.marks],
    onsets: [...known.onsets.filter(within), ...rest.onsets],
  };
}

function joined(known: Readonly<Record<string, Column>>, rest: Readonly<Record<string, Column>>, moved: number, kept: number, added: number): Columns {
  const names = new Set([...Object.keys(known), ...Object.keys(rest)]);
  const empty = (count: number): Column => Array<number | null>(Math.max(0, count)).fill(null);
  return new Columns(Object.fromEntries([...names].map((name) => {
    const column = (known[name] ?? empty(kept)).slice(moved, kept).concat(rest[name] ?? empty(added));
    return [name, column] as const;
  }).filter(([, column]) => column.some((value) => value !== null))));
}

export function withColumns(chart: Chart): Chart {
  return { ...chart, series: new Columns(chart.series), compared: chart.compared && new Columns(chart.compared) };
}
