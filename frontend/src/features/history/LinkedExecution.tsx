"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { useExecution } from "@/lib/detailQueries";
import { HistoryRow } from "./HistoryRow";

/** An execution that the address names but the page of the list does not hold. */
export function LinkedExecution({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useLanguage();
  const execution = useExecution(id);
  if (execution.failed) return <ErrorNotice error={execution.error} onRetry={execution.askAgain} />;
  if (!execution.data) return <div className="card"><Skeleton lines={3} label={t("loading")} /></div>;
  return <ol className="history"><HistoryRow execution={execution.data} open onToggle={onClose} /></ol>;
}
