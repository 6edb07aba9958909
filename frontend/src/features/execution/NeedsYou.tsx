"use client";

import { ChangeDiff } from "@/components/optimization/ChangeDiff";
import { ResultMark } from "@/components/optimization/ResultMark";
import { RollBackButton } from "@/components/optimization/RollBackButton";
import { TroubleNote } from "@/components/optimization/TroubleNote";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { Execution } from "@/lib/types";

/** What the engine has given to people, on top of everything else. */
export default function NeedsYou({ runs, onShowHistory }: { runs: readonly Execution[]; onShowHistory: (execution: string) => void }) {
  const { t } = useLanguage();
  return (
    <section aria-labelledby="needs-you-title" data-testid="needs-you">
      <h2 id="needs-you-title">{t("needsYou.title")}<span className="count">{runs.length}</span></h2>
      <div className="needs-you">
        {runs.map((run) => (
          <article key={run.id} className="card execution needs-you-card" data-testid={`needs-you-${run.id}`} aria-labelledby={`needs-${run.id}`}>
            <header className="suggestion-head">
              <div>
                <p className="suggestion-plugin">{run.plugin_id} <span className="muted">· <When at={run.finished_at ?? run.executed_at} only="relative" /></span></p>
                <h3 id={`needs-${run.id}`}>{run.description}</h3>
              </div>
              <div className="execution-actions"><ResultMark execution={run} /><RollBackButton execution={run} /></div>
            </header>
            <ChangeDiff change={run.change} compact />
            <TroubleNote execution={run} />
            <button type="button" className="link" onClick={() => onShowHistory(run.id)}>{t("execution.details")}</button>
          </article>
        ))}
      </div>
    </section>
  );
}
