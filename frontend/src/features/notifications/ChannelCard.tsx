"use client";

import { useState } from "react";
import { When } from "@/components/optimization/When";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import { useTrial } from "@/lib/notificationQueries";
import type { KeptSecret, NotificationChannel, NotificationTrial } from "@/lib/notificationTypes";
import { usePermission } from "@/lib/permission";
import { TrialResult } from "./TrialResult";

/** One channel: whom it tells of what, where that goes, and whether it works. */
export function ChannelCard({ channel }: { channel: NotificationChannel }) {
  const { t } = useLanguage();
  const { adminOnly } = usePermission();
  const [result, setResult] = useState<NotificationTrial | null>(null);
  const trial = useTrial();
  const reason = adminOnly ? `${channel.name}-why` : undefined;
  return (
    <article className="card notify-channel" data-testid={`channel-${channel.name}`} aria-labelledby={`channel-${channel.name}-name`}>
      <div className="notify-head">
        <h4 id={`channel-${channel.name}-name`}>{channel.name} <span className="notify-kind">{channel.kind}</span></h4>
        <Button
          kind="secondary" busy={trial.isPending} disabled={adminOnly !== null} aria-describedby={reason}
          onClick={() => trial.mutate(channel.name, { onSuccess: setResult })} data-testid={`test-${channel.name}`}
        >
          {t(trial.isPending ? "notify.testing" : "notify.test")}
        </Button>
      </div>
      {adminOnly && <p className="muted small" id={reason}>{adminOnly}</p>}
      <TrialResult of={trial.isPending ? null : result} error={trial.error} />
      <ChannelFacts channel={channel} />
    </article>
  );
}

function ChannelFacts({ channel }: { channel: NotificationChannel }) {
  const { t } = useLanguage();
  const { counts } = channel;
  const urgent = t(`notify.severity.${channel.urgent}`);
  return (
    <dl className="notify-facts">
      <dt>{t("notify.toldOf")}</dt>
      <dd><Routes channel={channel} /></dd>
      <dt>{t("notify.when")}</dt>
      <dd>{channel.digest_minutes ? t("notify.digest", { minutes: channel.digest_minutes, urgent }) : t("notify.atOnce")}</dd>
      {channel.quiet_hours.length > 0 && (
        <>
          <dt>{t("notify.quiet")}</dt>
          <dd>{channel.quiet_hours.join(", ")} {channel.quiet_now && <strong>({t("notify.quietNow")})</strong>}</dd>
        </>
      )}
      <dt>{t("notify.events")}</dt>
      <dd>{channel.events.length ? channel.events.map((kind) => t(`notify.kind.${kind}` as MessageKey)).join(", ") : t("notify.allEvents")}</dd>
      <dt>{t("notify.where")}</dt>
      <dd><Settings settings={channel.settings} /></dd>
      <dt>{t("notify.week")}</dt>
      <dd>{t("notify.counts", { delivered: counts.delivered, waiting: counts.waiting + counts.sending, given_up: counts.given_up })}</dd>
      {channel.last_at && (
        <>
          <dt>{t("notify.lastAnswer")}</dt>
          <dd><code className="notify-answer">{channel.last_answer}</code> <span className="small"><When at={channel.last_at} only="relative" /></span></dd>
        </>
      )}
    </dl>
  );
}

function Routes({ channel }: { channel: NotificationChannel }) {
  const { t } = useLanguage();
  if (channel.routes.length === 0) return <span className="tone-warning">{t("notify.nobody")}</span>;
  const words = channel.routes.map((route) => t("notify.route", {
    who: route.plugin_id === "default" ? t("notify.everyPlugin") : route.plugin_id,
    least: t(`notify.severity.${route.least}`),
  }));
  return <>{words.join("; ")}</>;
}

const TOLD_ELSEWHERE = new Set(["allow_inner", "ports", "ca_file"]);

function Settings({ settings }: { settings: Record<string, unknown> }) {
  const { t } = useLanguage();
  const shown = Object.entries(settings).filter(([name, value]) => value !== null && value !== "" && !TOLD_ELSEWHERE.has(name));
  return (
    <ul className="notify-settings">
      {shown.map(([name, value]) => (
        <li key={name}>
          <span className="muted">{name}</span>{" "}
          {isSecret(value)
            ? <span className={value.there ? undefined : "tone-critical"}>{t(value.there ? "notify.secretThere" : "notify.secretMissing", { reference: value.reference })}</span>
            : <span>{Array.isArray(value) ? value.join(", ") : String(value)}</span>}
        </li>
      ))}
    </ul>
  );
}

function isSecret(value: unknown): value is KeptSecret {
  return typeof value === "object" && value !== null && "reference" in value;
}
