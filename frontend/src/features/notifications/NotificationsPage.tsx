"use client";

import "@/styles/notifications.css";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import { useChannels } from "@/lib/notificationQueries";
import { ChannelCard } from "./ChannelCard";
import { NoChannels } from "./NoChannels";
import { Outbox } from "./Outbox";
import { RehearsalTable } from "./RehearsalTable";

/** Who is told what, does it arrive, and how much would it be? */
export default function NotificationsPage() {
  const { t } = useLanguage();
  const channels = useChannels();
  const known = channels.data?.channels ?? [];
  return (
    <section aria-labelledby="notify-title" className="notify">
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <h2 id="notify-title">{t("notify.title")}</h2>
      <p className="muted notify-lead">{t("notify.lead")}</p>
      {channels.failed && <ErrorNotice error={channels.error} onRetry={channels.askAgain} />}
      {channels.waiting && <div className="card"><Skeleton lines={6} label={t("loading")} /></div>}
      {channels.data && channels.data.unknown.length > 0 && (
        <Notice tone="warning" title={t("notify.unknown", { names: channels.data.unknown.join(", ") })} testId="notify-unknown" />
      )}
      {channels.data && known.length === 0 && <NoChannels />}
      {channels.data && known.length > 0 && (
        <>
          <h3>{t("notify.channels")}</h3>
          <ul className={channels.failed ? "notify-channels is-old" : "notify-channels"}>
            {known.map((channel) => <li key={channel.name}><ChannelCard channel={channel} /></li>)}
          </ul>
          <p className="muted small">{t("notify.giveUp", { hours: channels.data.give_up_hours, remind: channels.data.remind_hours })}</p>
          <RehearsalTable />
          <Outbox channels={known.map((channel) => channel.name)} />
        </>
      )}
    </section>
  );
}
