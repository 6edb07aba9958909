"use client";

import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { useAuditCheck } from "@/lib/auditPages";
import { useLanguage } from "@/lib/i18n/context";
import type { AuditCheck } from "@/lib/auditTypes";

/** Whether every entry is the one that was written, and the last one of which that is known outside the database. */
export function ChainCheck() {
  const { t } = useLanguage();
  const check = useAuditCheck();
  if (check.failed) return <ErrorNotice error={check.error} onRetry={check.askAgain} />;
  if (!check.data) return <div className="card"><Skeleton lines={2} label={t("audit.checking")} /></div>;
  return <Result found={check.data} checking={check.checking} onCheck={check.askAgain} />;
}

function Result({ found, checking, onCheck }: { found: AuditCheck; checking: boolean; onCheck: () => void }) {
  const { t } = useLanguage();
  return (
    <Notice
      tone={found.ok ? "ok" : "critical"} urgent={!found.ok} testId="audit-check"
      title={found.ok ? t("audit.ok", { n: found.entries }) : found.trouble?.text ?? t("audit.broken")}
      action={<Button busy={checking} onClick={onCheck}>{t("audit.again")}</Button>}
    >
      {found.trouble?.help && <p>{found.trouble.help}</p>}
      {found.read_only && <p><strong>{t("audit.readOnly")}</strong></p>}
      <p className="muted small">
        {found.last_anchor && <>{t("audit.anchor", { number: found.last_anchor.number })} <When at={found.last_anchor.at} /> · </>}
        {t("audit.checked")} <When at={found.checked_at} only="relative" />
      </p>
    </Notice>
  );
}
