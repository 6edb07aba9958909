"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { Prediction } from "@/lib/types";
import { useMetricName } from "./MetricName";

export function SideEffects({ effects }: { effects: Prediction[] }) {
  const { t, format } = useLanguage();
  const nameOf = useMetricName();
  if (effects.length === 0) return <p className="muted">{t("side.none")}</p>;
  return (
    <ul className="plain-list">
      {effects.map((effect) => (
        <li key={effect.metric}>
          {nameOf(effect.metric)} {format.metric(effect.metric, effect.before)} → {format.metric(effect.metric, effect.expected)}{" "}
          <span className="muted whole">({format.metric(effect.metric, effect.low)} – {format.metric(effect.metric, effect.high)})</span>
        </li>
      ))}
    </ul>
  );
}
