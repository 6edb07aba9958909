"use client";

import { useLanguage } from "@/lib/i18n/context";

const EXAMPLE = `[notify.channels.ops]
kind = "slack"
url = "env:OPS_SLACK_URL"

[policy]
notify = ["ops"]`;

/** Nobody is told anything: how that is changed. */
export function NoChannels() {
  const { t } = useLanguage();
  return (
    <div className="card notify-none" data-testid="notify-none">
      <p><strong>{t("notify.none")}</strong></p>
      <p className="muted">{t("notify.noneHelp")}</p>
      <pre tabIndex={0}>{EXAMPLE}</pre>
    </div>
  );
}
