import type { Alike, Drill } from "@/lib/drillTypes";
import type { Stretch } from "@/lib/unusual";

/** What a closer look found, as a chart draws it; times in seconds. */
export interface Closer {
  /** Stretches of one level, in order. */
  levels: readonly (Stretch & { level: number })[];
  /** The shape that was sought, and when it went like that before. */
  alike: readonly Stretch[];
}

export function closerOf({ segments, shape, alike }: Drill): Closer {
  const stretch = ({ since, until }: Pick<Alike, "since" | "until">): Stretch => ({ from: Date.parse(since) / 1000, to: Date.parse(until) / 1000 });
  const sought = shape ? [stretch({ since: shape[0], until: shape[1] })] : [];
  return { levels: segments.map((segment) => ({ ...stretch(segment), level: segment.level })), alike: [...sought, ...alike.map(stretch)] };
}

const LEAST_MS = 86_400_000; // so that there is a past to be compared with

/** Return the stretch to be looked at, in ms: the shown one, a day at least. */
export function lookedAt(from: number, to: number): { from: number; to: number } {
  return { from: Math.round(Math.min(from, to - LEAST_MS)), to: Math.round(to) };
}

const AROUND = 0.5; // of a stretch, on either side of it

/** Return a stretch of time with room around it, in ms. */
export function withRoom({ since, until }: { since: string; until: string }): { from: number; to: number } {
  const [from, to] = [Date.parse(since), Date.parse(until)];
  return { from: from - AROUND * (to - from), to: to + AROUND * (to - from) };
}
