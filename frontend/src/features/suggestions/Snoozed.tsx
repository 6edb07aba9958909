"use client";

import { Button } from "@/components/ui/Button";
import { Icon } from "@/components/ui/Icon";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useMetricName } from "@/components/optimization/MetricName";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { useSnoozed, useWake } from "@/lib/settingAside";
import type { Suggestion } from "@/lib/types";

/** What waits until it is worse, folded: how bad it was then and is now, and a way to have it back at once. */
export function Snoozed() {
  const { t } = useLanguage();
  const snoozed = useSnoozed().data ?? [];
  if (snoozed.length === 0) return null;
  return (
    <details className="resting snoozed" data-testid="snoozed">
      <summary><h3><Icon name="clock" size={15} /> {t("snoozed.title")}<span className="count">{snoozed.length}</span></h3></summary>
      <ul className="plain-list">
        {snoozed.map((suggestion) => <Row key={suggestion.id} suggestion={suggestion} />)}
      </ul>
    </details>
  );
}

function Row({ suggestion }: { suggestion: Suggestion }) {
  const { t, format } = useLanguage();
  const { whyNot } = usePermission();
  const wake = useWake();
  const { snooze } = suggestion;
  if (!snooze) return null;
  return (
    <li className="resting-row snoozed-row" data-testid={`snoozed-${suggestion.id}`}>
      <div>
        <p><strong>{suggestion.plugin_id}</strong> · {suggestion.description}</p>
        <p className="small">{t("snoozed.until", { share: format.share(snooze.worse_by) })} <When at={snooze.until} /></p>
        <Figures figures={snooze.figures} />
        <p className="muted small">{t("snoozed.by", { name: snooze.by })} <When at={snooze.at} only="relative" />{snooze.reason && ` · ${snooze.reason}`}</p>
        {wake.error && <p className="field-error" role="alert">{errorText(t, wake.error)}</p>}
      </div>
      <Button data-testid={`wake-${suggestion.id}`} busy={wake.isPending} disabled={Boolean(whyNot)} title={whyNot ?? undefined} onClick={() => wake.mutate(suggestion.id)}>
        {t("snoozed.wake")}
      </Button>
    </li>
  );
}

function Figures({ figures }: { figures: NonNullable<Suggestion["snooze"]>["figures"] }) {
  const { t, format } = useLanguage();
  const nameOf = useMetricName();
  return (
    <ul className="small snoozed-figures">
      {figures.map(({ metric, then, now }) => (
        <li key={metric}>{t("snoozed.figure", { metric: nameOf(metric), then: format.metric(metric, then), now: format.metric(metric, now) })}</li>
      ))}
    </ul>
  );
}
