/** Where each row of a long list stands, and which of them are drawn. Rows are of one height. */

import type { FleetGroup } from "@/lib/fleetTypes";

/** A run of plugins under one query; with a head where the list is grouped. */
export interface Section {
  /** The group's value; undefined where the list is not grouped. */
  group?: FleetGroup;
  /** How many plugins of it are listed: none where the group is closed. */
  rows: number;
}

/** One line of the list: a group's head, or a plugin by its place in its section. */
export type Line = { kind: "head"; section: number } | { kind: "row"; section: number; place: number };

export function lineCount(sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + linesOf(section), 0);
}

function linesOf({ group, rows }: Section): number {
  return (group ? 1 : 0) + rows;
}

/** Return what stands on a line; null beyond the last one. */
export function lineAt(sections: readonly Section[], line: number): Line | null {
  let begin = 0;
  for (const [section, one] of sections.entries()) {
    const end = begin + linesOf(one);
    if (line < end) {
      const place = line - begin - (one.group ? 1 : 0);
      return place < 0 ? { kind: "head", section } : { kind: "row", section, place };
    }
    begin = end;
  }
  return null;
}

/** Return on which line a plugin stands, by its section and its place there. */
export function lineOf(sections: readonly Section[], section: number, place: number): number {
  const before = sections.slice(0, section);
  return lineCount(before) + (sections[section]?.group ? 1 : 0) + place;
}

/** A stretch of the list: lines that are drawn, or the room of those that are not. */
export type Stretch = { drawn: true; line: number } | { drawn: false; lines: number; from: number };

/** Return the list from top to bottom: the window `[from, to)` and the kept lines drawn, the rest as room. */
export function stretches(count: number, from: number, to: number, kept: readonly number[]): Stretch[] {
  const drawn = new Set(kept.filter((line) => line >= 0 && line < count));
  for (let line = Math.max(0, from); line < Math.min(to, count); line += 1) drawn.add(line);
  const result: Stretch[] = [];
  let next = 0;
  for (const line of [...drawn].sort((a, b) => a - b)) {
    if (line > next) result.push({ drawn: false, lines: line - next, from: next });
    result.push({ drawn: true, line });
    next = line + 1;
  }
  if (count > next) result.push({ drawn: false, lines: count - next, from: next });
  return result;
}

/** How much more than the window is drawn on either side, so that a scroll meets rows and not room. */
const AHEAD = 8;
/** The window moves by whole steps: most frames of a scroll draw nothing anew. */
const STEP = 4;

/** What one line has below it besides its row: the open panel. */
export interface Below {
  line: number;
  height: number;
}

/** Return the lines to draw where the list begins `top` px below the window's upper edge (negative: above it). */
export function windowOf(top: number, height: number, row: number, below: Below | null): { from: number; to: number } {
  const first = Math.floor(lineUnder(-top, row, below) / STEP) * STEP;
  const last = Math.ceil(lineUnder(height - top, row, below) / STEP) * STEP;
  return { from: Math.max(0, first - AHEAD), to: last + AHEAD };
}

/** Return the line (with a fraction) that stands `y` px below the begin of the list. */
function lineUnder(y: number, row: number, below: Below | null): number {
  const end = below ? (below.line + 1) * row : Infinity;
  const inRows = y <= end ? y : Math.max(end, y - (below?.height ?? 0));
  return Math.max(0, inRows) / row;
}
