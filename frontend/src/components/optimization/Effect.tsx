"use client";

import { useLanguage } from "@/lib/i18n/context";
import { unbroken } from "@/lib/format";
import type { Prediction } from "@/lib/types";
import { useMetricName } from "./MetricName";

/** A prediction as a range: before → expected, with the interval that holds it in 8 of 10 cases. */
export function Effect({ prediction, measured = null }: { prediction: Prediction; measured?: number | null }) {
  const { t, format } = useLanguage();
  const nameOf = useMetricName();
  const show = (value: number | null) => unbroken(format.metric(prediction.metric, value));
  return (
    <div className="effect">
      <p className="effect-line">
        <span className="effect-metric">{nameOf(prediction.metric)}</span>
        <span className="effect-before">{show(prediction.before)}</span>
        <span aria-hidden="true">→</span>
        <span className="visually-hidden">{t("effect.expected")}</span>
        <strong>{show(prediction.expected)}</strong>
        <span className="effect-change">{format.changed(prediction.before, prediction.expected, prediction.metric)}</span>
      </p>
      <EffectBar prediction={prediction} measured={measured} />
      <p className="effect-range">
        {t("effect.range", { low: show(prediction.low), high: show(prediction.high) })}
        {measured !== null && <> · <strong>{t("effect.measured", { value: show(measured) })}</strong></>}
      </p>
    </div>
  );
}

function EffectBar({ prediction, measured }: { prediction: Prediction; measured: number | null }) {
  const { before, expected, low, high } = prediction;
  const values = [before, expected, low, high, measured].filter((value) => value !== null);
  const top = Math.max(...values) * 1.04;
  if (!(top > 0)) return null;
  const at = (value: number) => `${Math.min(100, Math.max(0, (value / top) * 100)).toFixed(2)}%`;
  const wide = (from: number, to: number) => `${Math.max(0.8, (Math.abs(to - from) / top) * 100).toFixed(2)}%`;
  return (
    <svg className="effect-bar" height={14} width="100%" aria-hidden="true">
      <line className="effect-axis" x1="0" x2="100%" y1="7" y2="7" />
      {low !== null && high !== null && <rect className="effect-band" x={at(low)} width={wide(low, high)} y="2" height="10" rx="3" />}
      {before !== null && <rect className="effect-now" x={at(before)} width="2" y="1" height="12" />}
      {expected !== null && <circle className="effect-expected" cx={at(expected)} cy="7" r="3.5" />}
      {measured !== null && <circle className="effect-measured" cx={at(measured)} cy="7" r="4.5" />}
    </svg>
  );
}
