"use client";

import { When } from "@/components/optimization/When";
import { deedText } from "@/lib/auditWords";
import { useLanguage } from "@/lib/i18n/context";
import type { AuditEntry } from "@/lib/auditTypes";

/** The entries as the server keeps them: each action in words beside its code, which exports and filters go by. The one that was asked for is marked. */
export function AuditEntries({ entries, sought }: { entries: readonly AuditEntry[]; sought?: string }) {
  const { t } = useLanguage();
  return (
    <ol className="card audit">
      {entries.map((entry) => (
        <li key={entry.number} className="audit-entry" aria-current={String(entry.number) === sought ? "true" : undefined} data-testid={`audit-${entry.number}`}>
          <span className="muted small audit-number">{entry.number}</span>
          <span className="small audit-when"><When at={entry.at} /></span>
          <span className="audit-what">
            <strong>{entry.actor}</strong> <span>{deedText(t, entry.action)}</span> <span className="muted">{entry.subject}</span> <code className="muted">{entry.action}</code>
          </span>
          {Object.keys(entry.detail).length > 0 && (
            <details className="audit-detail">
              <summary>{t("execution.details")}<span className="visually-hidden"> {entry.number}</span></summary>
              <pre tabIndex={0}>{JSON.stringify(entry.detail, null, 1)}</pre>
              <p className="muted small">{t("audit.digest")} <code>{entry.digest}</code></p>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}
