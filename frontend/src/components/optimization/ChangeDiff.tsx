"use client";

import { useLanguage } from "@/lib/i18n/context";
import { unitOf, valueText } from "@/lib/values";
import type { Change } from "@/lib/types";

/** The exact change: one line goes, one comes. */
export function ChangeDiff({ change, compact = false }: { change: Change; compact?: boolean }) {
  const { t, format } = useLanguage();
  const unit = unitOf(change);
  const before = valueText(change.before, unit, format);
  const after = valueText(change.after, unit, format);
  return (
    <div className={compact ? "diff diff-compact" : "diff"}>
      <code className="diff-knob">{change.knob}</code>
      <del><span className="visually-hidden">{t("diff.before")} </span>{before}</del>
      <ins><span className="visually-hidden">{t("diff.after")} </span>{after}</ins>
    </div>
  );
}
