"use client";

import { useLanguage } from "@/lib/i18n/context";
import { useFromNow } from "@/lib/now";
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
  const all = (recent.data ?? []).filter((run) => !plugin || run.plugin_id === plugin);
  const shown = useFromNow((now) => all.filter((run) => isShownNow(run, now)).map((run) => run.id).join(" ")).split(" ");
  const runs = all.filter((run) => shown.includes(run.id));
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
