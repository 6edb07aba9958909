"use client";

import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import type { AuditFilter as Filter } from "@/lib/auditTypes";
import { useLanguage } from "@/lib/i18n/context";

const PARTS = ["actor", "action", "subject"] as const;
const ACTIONS = ["policy", "execution", "suggestion", "token", "user", "session", "emergency_stop", "plugin", "lease", "audit"];

/** Whose entries, of what kind, about what; it stands in the address. */
export function AuditFilter({ filter, onFilter }: { filter: Filter; onFilter: (filter: Filter) => void }) {
  const { t } = useLanguage();
  const [typed, setTyped] = useState<Filter>(filter);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter(Object.fromEntries(PARTS.map((part) => [part, typed[part]?.trim()]).filter(([, text]) => text)));
  };
  return (
    <form className="audit-filter" role="search" aria-label={t("audit.filter")} onSubmit={submit}>
      {PARTS.map((part) => (
        <label key={part} className="small">
          <span className="muted">{t(`audit.${part}`)}</span>
          <input
            value={typed[part] ?? ""} data-testid={`audit-${part}`} list={part === "action" ? "audit-actions" : undefined} autoComplete="off"
            spellCheck={false} maxLength={200} onChange={(event) => setTyped({ ...typed, [part]: event.target.value })}
          />
        </label>
      ))}
      <datalist id="audit-actions">{ACTIONS.map((action) => <option key={action} value={action} />)}</datalist>
      <Button type="submit" data-testid="audit-apply">{t("audit.apply")}</Button>
      {Object.keys(filter).length > 0 && <Button kind="quiet" icon="close" data-testid="audit-clear" onClick={() => (setTyped({}), onFilter({}))}>{t("audit.clear")}</Button>}
    </form>
  );
}
