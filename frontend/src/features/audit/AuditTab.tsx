"use client";

import "@/styles/audit.css";
import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { exportUrl } from "@/lib/laterApi";
import { useAudit } from "@/lib/auditPages";
import { useLanguage } from "@/lib/i18n/context";
import { parseAuditFilter, writeAuditFilter } from "@/lib/auditFilter";
import type { View } from "@/lib/urlState";
import { AuditEntries } from "./AuditEntries";
import { AuditFilter } from "./AuditFilter";
import { ChainCheck } from "./ChainCheck";

/** Who did what, in a chain that shows when an entry was changed. */
export default function AuditTab({ view, show }: { view: View; show: (change: Partial<View>) => void }) {
  const { t } = useLanguage();
  const filter = parseAuditFilter(view.filter);
  const { entry, ...files } = filter;
  const audit = useAudit(filter);
  const entries = audit.data?.pages.flat() ?? [];
  return (
    <section aria-labelledby="audit-title">
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <div className="section-head">
        <h2 id="audit-title">{t("audit.title")}</h2>
        <div className="section-tools">
          <a className="link" href={exportUrl("audit", "csv", files)} download>{t("history.csv")}</a>
          <a className="link" href={exportUrl("audit", "json", files)} download>{t("history.json")}</a>
        </div>
      </div>
      <ChainCheck />
      <AuditFilter key={view.filter} filter={filter} onFilter={(next) => show({ filter: writeAuditFilter(next) })} />
      {audit.failed && <ErrorNotice error={audit.error} onRetry={audit.askAgain} />}
      {audit.waiting && <div className="card"><Skeleton lines={6} label={t("loading")} /></div>}
      {audit.data && entries.length === 0 && !audit.failed && <p className="card empty">{t(view.filter ? "audit.noneFits" : "audit.none")}</p>}
      {entries.length > 0 && <div className={audit.failed ? "is-old" : undefined}><AuditEntries entries={entries} sought={entry} /></div>}
      {audit.hasMore && (
        <p className="audit-more"><Button icon="down" busy={audit.fetchingMore} onClick={audit.fetchMore}>{t("history.more")}</Button></p>
      )}
    </section>
  );
}
