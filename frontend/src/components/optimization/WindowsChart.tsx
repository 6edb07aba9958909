"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { VerificationWindow } from "@/lib/types";

const WIDTH = 600;
const HEIGHT = 110;
const PAD = 10;

type Line = "without_seconds" | "predicted_seconds" | "observed_seconds";
const LINES: readonly Line[] = ["without_seconds", "predicted_seconds", "observed_seconds"];

/** Measured against what would have been without the change and what was predicted, window by window. */
export function WindowsChart({ windows }: { windows: VerificationWindow[] }) {
  const { t, format } = useLanguage();
  const values = windows.flatMap((window) => LINES.map((line) => window[line])).filter((value) => value !== null);
  if (values.length === 0) return null;
  const top = Math.max(...values) * 1.08 || 1;
  const x = (index: number) => PAD + ((index + 0.5) / windows.length) * (WIDTH - 2 * PAD);
  const y = (value: number) => HEIGHT - PAD - (value / top) * (HEIGHT - 2 * PAD);
  const pairs = (line: Line) => windows.flatMap((window, index) => {
    const value = window[line];
    return value === null ? [] : [[x(index).toFixed(1), y(value).toFixed(1)] as const];
  });
  const last = windows.at(-1);
  const drawn = LINES.filter((line) => pairs(line).length > 0);
  return (
    <figure className="windows">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t("windows.title", { n: windows.length })}>
        <line className="curve-axis" x1={PAD} x2={WIDTH - PAD} y1={HEIGHT - PAD} y2={HEIGHT - PAD} />
        {drawn.map((line) => (
          <g key={line} className={`windows-${line}`}>
            <polyline points={pairs(line).map(([left, top]) => `${left},${top}`).join(" ")} />
            {line === "observed_seconds" && <path className="windows-dots" d={pairs(line).map(([left, top]) => `M${left} ${top}h0`).join("")} />}
          </g>
        ))}
      </svg>
      <figcaption className="legend">
        {drawn.toReversed().map((line) => (
          <span key={line} className={`legend-item windows-${line}`}>
            <svg width="18" height="8" aria-hidden="true"><line x1="0" x2="18" y1="4" y2="4" /></svg>
            {t(`windows.${line}`)} <strong>{format.metric(line, last?.[line])}</strong>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
