"use client";

import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice, errorText } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { useEndSession, useOpenSessions } from "@/lib/accessQueries";
import type { OpenSession } from "@/lib/accessTypes";
import { useLanguage } from "@/lib/i18n/context";

/** Who is inside now; each can be shown the door, in every process at once. */
export function Sessions() {
  const { t } = useLanguage();
  const sessions = useOpenSessions();
  return (
    <section aria-labelledby="sessions-title">
      <h2 id="sessions-title">{t("sessions.title")}</h2>
      <p className="muted access-lead">{t("sessions.lead")}</p>
      {sessions.failed && <ErrorNotice error={sessions.error} onRetry={sessions.askAgain} />}
      {sessions.waiting && <div className="card"><Skeleton lines={2} label={t("loading")} /></div>}
      {sessions.data?.length === 0 && <p className="card empty">{t("sessions.none")}</p>}
      {sessions.data && sessions.data.length > 0 && (
        <ul className="card access-list">{sessions.data.map((session) => <Row key={session.id} session={session} />)}</ul>
      )}
    </section>
  );
}

function Row({ session }: { session: OpenSession }) {
  const { t } = useLanguage();
  const end = useEndSession();
  return (
    <li className="access-row" data-testid={`session-${session.id}`}>
      <strong className="access-name">{session.name}</strong>
      <span>{t(`role.${session.role}`)}</span>
      <span className="access-times small">
        <span><span className="muted">{t("sessions.seen")}</span> <When at={session.seen_at} only="relative" /></span>
        <span><span className="muted">{t("sessions.since")}</span> <When at={session.opened_at} /></span>
        {end.error && <span className="field-error" role="alert">{errorText(t, end.error)}</span>}
      </span>
      {session.here
        ? <span className="muted small">{t("sessions.here")}</span>
        : <Button kind="danger" data-testid={`end-${session.id}`} busy={end.isPending} onClick={() => end.mutate(session.id)}>{t("sessions.end")}<span className="visually-hidden"> {session.name}</span></Button>}
    </li>
  );
}
