"use client";

import { Icon } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import type { Finding } from "@/lib/types";

/** How bad what the suggestion answers is; nothing where it is only an opportunity. */
export function SeverityMark({ findings }: { findings: Finding[] }) {
  const { t } = useLanguage();
  const severity = (["critical", "warning"] as const).find((wanted) => findings.some((finding) => finding.severity === wanted));
  if (!severity) return null;
  return (
    <span className={`severity tone-${severity}`}>
      <Icon name={severity === "critical" ? "alert" : "warning"} size={14} />
      <span className="visually-hidden">{t(`health.${severity}`)}</span>
    </span>
  );
}
