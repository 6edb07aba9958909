import { linePath } from "@/lib/linePath";

const WIDTH = 120;
const HEIGHT = 28;
const PAD = 2;

/** The recent past in one line; gaps are times without a measurement, never zero. */
export function Sparkline({ values, label }: { values: (number | null)[]; label: string }) {
  const path = sparkPath(values);
  if (!path) return <span className="spark-empty" aria-label={label}>–</span>;
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}

export function sparkPath(values: (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return "";
  const top = Math.max(...known, 1e-9);
  const x = (index: number) => PAD + (index / Math.max(1, values.length - 1)) * (WIDTH - 2 * PAD);
  return linePath(values, x, (value) => HEIGHT - PAD - (value / top) * (HEIGHT - 2 * PAD));
}
