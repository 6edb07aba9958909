/** A curve of what-ifs as the server sends it: `[{workers: 2, p95_seconds: 2.3}, …]`, the setting first. */

export interface Curve {
  xName: string;
  yName: string;
  points: { x: number; y: number }[];
}

export function parseCurve(value: unknown): Curve | null {
  if (!Array.isArray(value) || value.length < 2) return null;
  const names = Object.keys((value[0] ?? {}) as object);
  const [xName, yName] = names;
  if (!xName || !yName) return null;
  const points = (value as Record<string, unknown>[]).flatMap((row) => {
    const [x, y] = [row[xName], row[yName]];
    return typeof x === "number" && typeof y === "number" ? [{ x, y }] : [];
  });
  return points.length < 2 ? null : { xName, yName, points: points.sort((a, b) => a.x - b.x) };
}
