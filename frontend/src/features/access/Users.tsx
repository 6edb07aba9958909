"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { useUsers } from "@/lib/accessQueries";
import { useLanguage } from "@/lib/i18n/context";

/** Who may log in. They are made and removed on the host, by whoever may write its state. */
export function Users() {
  const { t } = useLanguage();
  const users = useUsers();
  return (
    <section aria-labelledby="users-title">
      <h2 id="users-title">{t("users.title")}</h2>
      {users.failed && <ErrorNotice error={users.error} onRetry={users.askAgain} />}
      {users.waiting && <div className="card"><Skeleton lines={2} label={t("loading")} /></div>}
      {users.data?.length === 0 && <p className="card empty">{t("users.none")}</p>}
      {users.data && users.data.length > 0 && (
        <ul className="card access-list">
          {users.data.map((user) => (
            <li key={user.name} className="access-row" data-testid={`user-${user.name}`}>
              <strong className="access-name">{user.name}</strong>
              <span>{t(`role.${user.role}`)}</span>
              <span className="access-times small">
                <span>{t("users.sessions", { n: user.sessions })}</span>
                {user.seen_at && <span><span className="muted">{t("sessions.seen")}</span> <When at={user.seen_at} only="relative" /></span>}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="muted small">{t("users.onHost")} <code>{"plugin-optimizer user add | role | password | remove"}</code></p>
    </section>
  );
}
