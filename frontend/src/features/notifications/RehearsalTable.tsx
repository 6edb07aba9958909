"use client";

import { useState } from "react";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Choice } from "@/components/ui/Choice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import { useRehearsal } from "@/lib/notificationQueries";
import type { Rehearsal } from "@/lib/notificationTypes";

const SEVERITIES = ["critical", "warning", "info"] as const;
type Days = "1" | "7" | "30";

/** How many messages the past would have made, as it is and if everything were told of. */
export function RehearsalTable() {
  const { t } = useLanguage();
  const [days, setDays] = useState<Days>("7");
  const rehearsal = useRehearsal(Number(days));
  const options = (["1", "7", "30"] as const).map((value) => ({ value, label: t("notify.lastDays", { n: Number(value) }) }));
  return (
    <section className="card notify-preview" aria-labelledby="notify-preview-title">
      <div className="section-head">
        <h3 id="notify-preview-title">{t("notify.preview")}</h3>
        <Choice label={t("notify.days")} value={days} options={options} onChange={setDays} testId="preview-days" />
      </div>
      <p className="muted small">{t("notify.previewLead")}</p>
      {rehearsal.failed && <ErrorNotice error={rehearsal.error} onRetry={rehearsal.askAgain} />}
      {rehearsal.waiting && <Skeleton lines={3} label={t("notify.counting")} />}
      {rehearsal.data && <div className={rehearsal.previous ? "is-old" : undefined}><Figures rehearsal={rehearsal.data} /></div>}
    </section>
  );
}

function Figures({ rehearsal }: { rehearsal: Rehearsal }) {
  const { t } = useLanguage();
  return (
    <>
      <div className="notify-scroll" tabIndex={0} role="group" aria-label={t("notify.preview")}>
        <table className="notify-table stacks">
          <thead>
            <tr>
              <th scope="col">{t("notify.channel")}</th>
              <th scope="col">{t("notify.asIs")}</th>
              {SEVERITIES.map((least) => (
                <th key={least} scope="col">{t("notify.ifFrom", { least: t(`notify.severity.${least}`) })}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rehearsal.channels.map((channel) => (
              <tr key={channel.channel} data-testid={`preview-${channel.channel}`}>
                <th scope="row">{channel.channel}</th>
                <td data-label={t("notify.asIs")}>
                  <strong>{channel.messages}</strong>
                  {channel.messages > 0 && <Kinds kinds={channel.kinds} />}
                </td>
                {SEVERITIES.map((least) => <td key={least} data-label={t("notify.ifFrom", { least: t(`notify.severity.${least}`) })}>{channel[`from_${least}`]}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!rehearsal.complete && <p className="tone-warning small">{t("notify.incomplete")}</p>}
    </>
  );
}

function Kinds({ kinds }: { kinds: Record<string, number> }) {
  const { t } = useLanguage();
  const words = Object.entries(kinds).map(([kind, count]) => `${t(`notify.kind.${kind}` as MessageKey)} ${count}`);
  return <span className="muted small notify-kinds">{t("notify.of", { kinds: words.join(", ") })}</span>;
}
