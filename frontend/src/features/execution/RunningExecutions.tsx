"use client";

import { useLanguage } from "@/lib/i18n/context";
import { useNow } from "@/lib/now";
import { useRecentRuns } from "@/lib/queries";
import { isShownNow } from "@/lib/runs";
import { ExecutionCard } from "./ExecutionCard";

interface Props {
  onShowHistory: (execution: string) => void;
  /** Only those of one plugin. */
  plugin?: string;
}

/** What is being carried out, and what ended a moment ago: all from the server, so it survives a reload. */
export default function RunningExecutions({ onShowHistory, plugin }: Props) {
  const { t } = useLanguage();
  const recent = useRecentRuns();
  const now = useNow();
  const runs = (recent.data ?? []).filter((run) => isShownNow(run, now) && (!plugin || run.plugin_id === plugin));
  if (runs.length === 0) return null;
  return (
    <section aria-labelledby="running-title">
      <h2 id="running-title">{t("running.title")}</h2>
      <div className="cards">
        {runs.map((run) => <ExecutionCard key={run.id} execution={run} onShowHistory={() => onShowHistory(run.id)} />)}
      </div>
    </section>
  );
}
