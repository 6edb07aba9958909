/** What the page of one plugin shows, as it stands in the address. */

export const RANGES = ["30m", "6h", "24h", "7d"] as const;
export type Range = (typeof RANGES)[number];
export const COMPARISONS = ["none", "day", "week"] as const;
export type Comparison = (typeof COMPARISONS)[number];

const HOUR_MS = 3_600_000;
export const SPAN_MS: Readonly<Record<Range, number>> = { "30m": HOUR_MS / 2, "6h": 6 * HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS };
export const SHIFT_SECONDS: Readonly<Record<Comparison, number>> = { none: 0, day: 86_400, week: 604_800 };
export const LEAST_SPAN_MS = 10_000; // a zoom into less would show one or two samples

/** A stretch in ms since 1970. */
export interface Span {
  from: number;
  to: number;
}

/** `span` is a stretch that was zoomed into or typed; without one the range ends now. `drill` is the metric looked at closely. */
export interface PageState {
  range: Range;
  span: Span | null;
  compare: Comparison;
  drill: string | null;
}

export const START: PageState = { range: "30m", span: null, compare: "none", drill: null };

export function parsePage(search: string): PageState {
  const query = new URLSearchParams(search);
  return {
    range: RANGES.find((name) => name === query.get("range")) ?? START.range,
    span: validSpan(Date.parse(query.get("from") ?? ""), Date.parse(query.get("to") ?? "")),
    compare: COMPARISONS.find((name) => name === query.get("compare")) ?? START.compare,
    drill: query.get("drill") || null,
  };
}

export function validSpan(from: number, to: number): Span | null {
  return to - from >= LEAST_SPAN_MS ? { from: Math.round(from), to: Math.round(to) } : null;
}

const OWN = ["range", "from", "to", "compare", "drill"] as const;

/** Return the address with this page's state; what else stands in it stays, what is as at the start is left out. */
export function pageAddress(search: string, { range, span, compare, drill }: PageState): string {
  const query = new URLSearchParams(search);
  for (const name of OWN) query.delete(name);
  if (range !== START.range) query.set("range", range);
  if (span) {
    query.set("from", new Date(span.from).toISOString());
    query.set("to", new Date(span.to).toISOString());
  }
  if (compare !== START.compare) query.set("compare", compare);
  if (drill) query.set("drill", drill);
  return `?${query}`;
}

/** Return how long the shown stretch is. */
export function spanOf({ range, span }: PageState): number {
  return span ? span.to - span.from : SPAN_MS[range];
}

/** Zoom by a factor about a moment (< 1: in). */
export function zoomed({ from, to }: Span, factor: number, about: number): Span {
  const wanted = Math.max(LEAST_SPAN_MS, (to - from) * factor);
  const part = Math.min(1, Math.max(0, (about - from) / (to - from)));
  return { from: Math.round(about - part * wanted), to: Math.round(about + (1 - part) * wanted) };
}

/** Return a moment as the field of a browser for local date and time wants it, and back (NaN where it is none). */
export function toField(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
