"use client";

import { useLanguage } from "@/lib/i18n/context";
import { curveScales, stacked, type CurvePoint } from "./curveScales";

interface Props {
  testId: string;
  xName: string;
  yName: string;
  points: CurvePoint[];
  present: number;
  suggested: number | null;
  enough: number | null;
  limit: number | null;
  /** The metric cannot be larger than that. */
  most: number;
  showX: (x: number) => string;
  showY: (y: number) => string;
}

const LABEL_PX = 150;
const ROW_PX = 16;
const CHARACTER_PX = 7;
const SIZE = { width: 480, height: 210, left: 62, right: 14, top: 26, bottom: 34 };

/** A curve of what-ifs with its band; where we are, what is suggested and what would do are named on it, and all of it stands in a table. */
export function WhatIfCurve({ testId, xName, yName, points, present, suggested, enough, limit, most, showX, showY }: Props) {
  const { t } = useLanguage();
  const named = [present, suggested, enough].filter((x) => x !== null);
  const { x, y, xTicks, yTicks, top } = curveScales(points, named, limit, most, SIZE, CHARACTER_PX * Math.max(...points.map((point) => showX(point.x).length + 1)));
  const path = (of: (point: CurvePoint) => number, all = points) => all.map((point) => `${x(point.x).toFixed(1)} ${y(Math.min(top, of(point))).toFixed(1)}`).join("L");
  const at = (value: number | null) => points.find((point) => point.x === value);
  const places = [
    { kind: "present", point: at(present), name: t("curve.current") },
    { kind: "enough", point: at(enough === present || enough === suggested ? null : enough), name: t("whatif.enough") },
    { kind: "suggested", point: at(suggested === present ? null : suggested), name: t("curve.suggested") },
  ].flatMap(({ kind, point, name }) => (point ? [{ kind, point, name }] : []));
  const heights = stacked(places.map(({ point }) => ({ x: x(point.x), y: y(Math.min(top, point.y)) - 11, width: LABEL_PX })), ROW_PX);
  return (
    <figure className="whatif-curve" data-testid={testId}>
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={t("whatif.label", { y: yName, x: xName })}>
        {yTicks.map((value) => (
          <g key={value} className="whatif-grid">
            <line x1={SIZE.left} x2={SIZE.width - SIZE.right} y1={y(value)} y2={y(value)} />
            <text x={SIZE.left - 8} y={y(value) + 4} textAnchor="end">{showY(value)}</text>
          </g>
        ))}
        {xTicks.map((value) => <text key={value} className="whatif-tick" x={x(value)} y={SIZE.height - 14} textAnchor="middle">{showX(value)}</text>)}
        <path className="whatif-band" d={`M${path((point) => point.high)}L${path((point) => point.low, points.toReversed())}Z`} />
        {limit !== null && limit <= top && (
          <g className="whatif-limit">
            <line x1={SIZE.left} x2={SIZE.width - SIZE.right} y1={y(limit)} y2={y(limit)} />
            <text x={SIZE.width - SIZE.right} y={y(limit) - 4} textAnchor="end">{t("chart.limit")} {showY(limit)}</text>
          </g>
        )}
        <path className="whatif-line" d={`M${path((point) => point.y)}`} />
        {points.map((point) => (point.y <= top ? <circle key={point.x} className="whatif-dot" cx={x(point.x)} cy={y(point.y)} r="2.5" /> : null))}
        {places.map(({ kind, point }) => {
          const [left, height] = [x(point.x), y(Math.min(top, point.y))];
          return (
            <g key={kind} className={`whatif-${kind}`}>
              <line x1={left} x2={left} y1={height} y2={SIZE.height - SIZE.bottom} />
              <circle cx={left} cy={height} r="5.5" />
            </g>
          );
        })}
        {places.map(({ kind, point, name }, index) => {
          const left = x(point.x);
          const anchor = left > SIZE.width * 0.72 ? "end" : left < SIZE.width * 0.3 ? "start" : "middle";
          return (
            <g key={kind} className={`whatif-${kind}`} data-testid={`${testId}-${kind}`}>
              <text x={left} y={Math.max(13, heights[index] ?? 0)} textAnchor={anchor}>{name} {showX(point.x)} · {showY(point.y)}</text>
            </g>
          );
        })}
      </svg>
      <details>
        <summary className="small">{t("whatif.table")}</summary>
        <div className="table-scroll" tabIndex={0} role="region" aria-label={t("whatif.table")}>
          <table className="figures">
            <thead><tr><th scope="col">{xName}</th><th scope="col" className="number">{yName}</th><th scope="col" className="number">{t("whatif.range")}</th></tr></thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.x}>
                  <th scope="row">{showX(point.x)}{point.x === present ? ` (${t("curve.current")})` : ""}{point.x === suggested ? ` (${t("curve.suggested")})` : ""}</th>
                  <td className="number">{showY(point.y)}</td><td className="number">{showY(point.low)} – {showY(point.high)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
