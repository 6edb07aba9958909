"use client";

import { useLanguage } from "@/lib/i18n/context";
import { useMetricName } from "@/components/optimization/MetricName";
import { judged } from "@/lib/steps";
import type { Execution } from "@/lib/types";

/** Before, promised, measured: the same metric three times. Until the verdict stands, what is measured is "now". */
export function BeforeAfter({ execution }: { execution: Execution }) {
  const { t, format } = useLanguage();
  const nameOf = useMetricName();
  const { prediction, verdict } = execution;
  const metric = verdict?.metric ?? prediction?.metric;
  if (!metric) return null;
  const before = verdict?.before ?? prediction?.before ?? null;
  const after = verdict?.after ?? null;
  const show = (value: number | null | undefined) => format.metric(metric, value);
  return (
    <div>
    <p className="muted small">{nameOf(metric)}</p>
    <dl className="before-after">
      <div><dt>{t("measure.before")}</dt><dd>{show(before)}</dd></div>
      <div><dt>{t("measure.predicted")}</dt><dd>{show(prediction?.expected)}</dd></div>
      <div className="before-after-now">
        <dt>{t(judged(execution) ? "measure.after" : "measure.now")}</dt>
        <dd>{show(after)} {after !== null && <span className="muted">{format.changed(before, after, metric)}</span>}</dd>
      </div>
    </dl>
    </div>
  );
}
