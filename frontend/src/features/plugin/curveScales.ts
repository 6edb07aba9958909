export interface CurvePoint {
  x: number;
  y: number;
  low: number;
  high: number;
}

export interface Box {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Scales {
  x: (value: number) => number;
  y: (value: number) => number;
  xTicks: number[];
  yTicks: number[];
  /** The value at the top edge; what lies above it is drawn at the edge. */
  top: number;
}

const WIDE = 20; // sizes that span more than this are drawn on a logarithmic axis
const HEADROOM = 1.15;
const FAR = 4; // times the highest named value and limit: settings far worse than that would flatten all others
const Y_TICKS = 4;
const MOST_X_TICKS = 11;

/**
 * Return where things stand. What is named (present, suggested) is always in the picture; nothing can be above `most`.
 * Names of places on the axis are `tickPx` wide.
 */
export function curveScales(points: readonly CurvePoint[], named: readonly number[], limit: number | null, most: number, box: Box, tickPx = 0): Scales {
  const xs = points.map((point) => point.x);
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const scale = first > 0 && last > WIDE * first ? Math.log : Number;
  const [low, high] = [scale(first), scale(last)];
  const wide = box.width - box.left - box.right;
  const x = (value: number) => box.left + ((scale(value) - low) / (high - low || 1)) * wide;
  const step = niceStep(Math.min(most, topOf(points, named, limit)) / Y_TICKS);
  const yTicks = Array.from({ length: Y_TICKS + 1 }, (_, index) => index * step);
  const top = step * Y_TICKS;
  const y = (value: number) => box.height - box.bottom - (value / top) * (box.height - box.top - box.bottom);
  return { x, y, xTicks: xTicksOf(xs, named, x, Math.max(tickPx, wide / MOST_X_TICKS)), yTicks, top };
}

function topOf(points: readonly CurvePoint[], named: readonly number[], limit: number | null): number {
  const highest = Math.max(...points.map((point) => point.high), 1e-9);
  const marked = points.filter((point) => named.includes(point.x)).map((point) => point.y);
  const wanted = Math.max(...marked, limit ?? 0);
  return wanted > 0 ? Math.min(highest * HEADROOM, Math.max(FAR * Math.min(wanted, ...marked, limit ?? wanted), Math.max(...marked, 0) * HEADROOM)) : highest;
}

/** Return 1, 2, 2.5 or 5 times a power of ten, at least `wanted`. */
export function niceStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= wanted * (1 - 1e-9)) ?? 10);
}

export interface Label {
  x: number;
  y: number;
  width: number;
}

/** Return how far up each label has to go so that none covers another one; by their order, the first stays. */
export function stacked(labels: readonly Label[], rowPx: number): number[] {
  const placed: Label[] = [];
  return labels.map(({ x, y, width }) => {
    let height = y;
    const covered = () => placed.find((other) => Math.abs(other.x - x) < (other.width + width) / 2 && Math.abs(other.y - height) < rowPx);
    for (let other = covered(); other; other = covered()) height = other.y - rowPx;
    placed.push({ x, y: height, width });
    return height;
  });
}

/** The named ones, and others as far as there is room between them. */
function xTicksOf(xs: readonly number[], named: readonly number[], x: (value: number) => number, room: number): number[] {
  const kept: number[] = [];
  for (const value of [...named.filter((each) => xs.includes(each)), ...xs]) {
    if (kept.every((other) => Math.abs(x(other) - x(value)) >= room)) kept.push(value);
  }
  return kept.sort((a, b) => a - b);
}
