"use client";

import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { useMetricName } from "@/components/optimization/MetricName";
import { useLanguage } from "@/lib/i18n/context";
import { partName } from "@/lib/partName";
import { useCalibration } from "@/lib/trackRecordQueries";
import type { CalibrationKind } from "@/lib/trackRecordTypes";

const PROMISED = 0.8; // the share of the intervals that ought to hold

/** How well predictions held: of the intervals that were to hold 8 times in 10, how many did. */
export function CalibrationTable({ plugin }: { plugin: string | null }) {
  const { t } = useLanguage();
  const calibration = useCalibration(plugin);
  const kinds = calibration.data?.kinds ?? [];
  return (
    <section className="card" aria-labelledby="calibration-title" data-testid="calibration">
      <h2 id="calibration-title">{t("calibration.title")}</h2>
      <p className="muted">{t("calibration.means")}</p>
      {calibration.failed && <ErrorNotice error={calibration.error} onRetry={() => void calibration.askAgain()} />}
      {calibration.data && kinds.length === 0 && <p className="empty">{t("calibration.none")}</p>}
      {kinds.length > 0 && (
        <div className="table-scroll" tabIndex={0} role="group" aria-labelledby="calibration-title">
          <table className="table record-table stacks">
            <thead><tr>{(["kind", "held", "rate", "bias", "widening", "notCompared"] as const).map((name) => <th key={name} scope="col">{t(`calibration.${name}`)}</th>)}</tr></thead>
            <tbody>{kinds.map((kind) => <Kind key={[kind.suggestion_type, kind.metric, kind.model, kind.plugin_id].join("/")} kind={kind} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Kind({ kind }: { kind: CalibrationKind }) {
  const { t, format } = useLanguage();
  const nameOf = useMetricName();
  return (
    <tr>
      <th scope="row">{kind.suggestion_type_text}<span className="muted small"> {nameOf(kind.metric)} · {partName(t, "model", kind.model)}{kind.plugin_id && ` · ${kind.plugin_id}`}</span></th>
      <td data-label={t("calibration.held")}>{t("calibration.of", { held: kind.held, n: kind.predictions })}</td>
      <td data-label={t("calibration.rate")}>{kind.rate === null ? "–" : <span><RateBar kind={kind} /> {format.share(kind.rate)} <span className="muted small whole">({format.share(kind.low)} – {format.share(kind.high)})</span></span>}</td>
      <td data-label={t("calibration.bias")}>{biasText(kind, t("calibration.points"), format.share, (ratio) => format.changed(1, ratio))}</td>
      <td data-label={t("calibration.widening")}>{kind.widening > 1 ? `× ${format.number(kind.widening)}` : "–"}</td>
      <td data-label={t("calibration.notCompared")}>{format.number(kind.not_compared, 6)}</td>
    </tr>
  );
}

/** The range of the true rate, the rate, and the 8 in 10 that were promised. */
function RateBar({ kind }: { kind: CalibrationKind }) {
  const at = (share: number) => `${(share * 100).toFixed(1)}%`;
  return (
    <svg className="rate-bar" width="90" height="12" aria-hidden="true">
      <line className="effect-axis" x1="0" x2="100%" y1="6" y2="6" />
      <rect className="effect-band" x={at(kind.low)} width={at(Math.max(0.01, kind.high - kind.low))} y="2" height="8" rx="3" />
      <rect className="effect-now" x={at(PROMISED)} width="2" y="0" height="12" />
      <circle className="effect-expected" cx={at(kind.rate ?? 0)} cy="6" r="3" />
    </svg>
  );
}

function biasText(kind: CalibrationKind, points: string, share: (ratio: number) => string, changed: (ratio: number) => string): string {
  if (kind.bias_points !== null) return `${share(kind.bias_points)} ${points}`;
  return kind.bias_ratio === null ? "–" : changed(kind.bias_ratio);
}
