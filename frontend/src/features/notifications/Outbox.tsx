"use client";

import { useState } from "react";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Button } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import { useOutbox } from "@/lib/notificationQueries";
import type { DispatchState } from "@/lib/notificationTypes";
import { DispatchRow } from "./DispatchRow";

const STATES: readonly DispatchState[] = ["waiting", "sending", "delivered", "given_up"];

/** What was told, what waits, what was given up; the newest first. */
export function Outbox({ channels }: { channels: readonly string[] }) {
  const { t } = useLanguage();
  const [state, setState] = useState<DispatchState | "">("");
  const [channel, setChannel] = useState("");
  const outbox = useOutbox(state, channel);
  const rows = outbox.data?.pages.flat() ?? [];
  const states = [{ value: "" as const, label: t("notify.anyState") }, ...STATES.map((value) => ({ value, label: t(`notify.state.${value}`) }))];
  const names = [{ value: "", label: t("notify.anyChannel") }, ...channels.map((value) => ({ value, label: value }))];
  return (
    <section aria-labelledby="outbox-title">
      <div className="section-head">
        <h3 id="outbox-title">{t("notify.outbox")}</h3>
        <div className="section-tools">
          <Choice label={t("notify.channel")} value={channel} options={names} onChange={setChannel} testId="outbox-channel" />
          <Choice label={t("notify.state")} value={state} options={states} onChange={setState} testId="outbox-state" />
        </div>
      </div>
      {outbox.failed && <ErrorNotice error={outbox.error} onRetry={outbox.askAgain} />}
      {outbox.waiting && <div className="card"><Skeleton lines={4} label={t("loading")} /></div>}
      {outbox.data && rows.length === 0 && !outbox.failed && <p className="card empty" data-testid="outbox-none">{t("notify.outboxNone")}</p>}
      {rows.length > 0 && (
        <ol className={outbox.failed || outbox.previous ? "card notify-outbox is-old" : "card notify-outbox"}>
          {rows.map((dispatch) => <DispatchRow key={dispatch.id} dispatch={dispatch} />)}
        </ol>
      )}
      {outbox.hasMore && (
        <p className="audit-more"><Button icon="down" busy={outbox.fetchingMore} onClick={outbox.fetchMore}>{t("history.more")}</Button></p>
      )}
    </section>
  );
}
