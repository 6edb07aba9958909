"use client";

import { useLanguage } from "@/lib/i18n/context";
import { parseCurve } from "@/lib/curve";
import type { Change } from "@/lib/types";
import { useMetricName } from "./MetricName";

const WIDTH = 320;
const HEIGHT = 130;
const BOX = { left: 8, right: 8, top: 20, bottom: 22 };

const WIDE = 20; // sizes that span more than this are drawn on a logarithmic axis
const HEADROOM = 1.8;

/** What would happen at other settings: the curve behind the suggestion, with the present and the suggested point. */
export function CurveChart({ figures, change }: { figures: Record<string, unknown>; change: Change | null }) {
  const { t, format } = useLanguage();
  const nameOf = useMetricName();
  const curve = parseCurve(figures.curve);
  if (!curve) return null;
  const xs = curve.points.map((point) => point.x);
  const marked = curve.points.filter((point) => point.x === change?.before || point.x === change?.after);
  const top = topOf(curve.points.map((point) => point.y), marked.map((point) => point.y));
  const scale = Math.min(...xs) > 0 && Math.max(...xs) > WIDE * Math.min(...xs) ? Math.log : Number;
  const [low, high] = [scale(Math.min(...xs)), scale(Math.max(...xs))];
  const x = (value: number) => BOX.left + ((scale(value) - low) / (high - low || 1)) * (WIDTH - BOX.left - BOX.right);
  const y = (value: number) => HEIGHT - BOX.bottom - (value / top) * (HEIGHT - BOX.top - BOX.bottom);
  const path = curve.points.map((point, index) => `${index ? "L" : "M"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
  return (
    <figure className="curve">
      <figcaption>{t("curve.title", { y: nameOf(curve.yName), x: nameOf(curve.xName) })}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={curve.points.map((p) => `${p.x}: ${format.metric(curve.yName, p.y)}`).join(", ")}>
        <line className="curve-axis" x1={BOX.left} x2={WIDTH - BOX.right} y1={HEIGHT - BOX.bottom} y2={HEIGHT - BOX.bottom} />
        <path className="curve-line" d={path} />
        {curve.points.map((point) => <circle key={point.x} className="curve-dot" cx={x(point.x)} cy={y(point.y)} r="2" />)}
        {marked.map((point) => {
          const suggested = point.x === change?.after;
          const anchor = x(point.x) > WIDTH * 0.7 ? "end" : x(point.x) < WIDTH * 0.3 ? "start" : "middle";
          return (
            <g key={point.x} className={suggested ? "curve-suggested" : "curve-current"}>
              <circle cx={x(point.x)} cy={y(point.y)} r="5" />
              <text x={x(point.x)} y={Math.max(12, y(point.y) - 10)} textAnchor={anchor}>
                {suggested ? t("curve.suggested") : t("curve.current")} {format.metric(curve.yName, point.y)}
              </text>
              <text className="curve-tick" x={x(point.x)} y={HEIGHT - 6} textAnchor={anchor}>{format.metric(curve.xName, point.x)}</text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

/** Return the value at the top edge: settings that are far worse than both marked points may leave the picture. */
function topOf(values: number[], marked: number[]): number {
  const highest = Math.max(...values);
  return (marked.length > 0 ? Math.min(highest, HEADROOM * Math.max(...marked)) : highest) || 1;
}
