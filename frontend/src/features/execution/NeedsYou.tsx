"use client";

import { useEffect, useRef, useState } from "react";
import { CloseButton } from "@/components/optimization/CloseButton";
import { PresentValue } from "@/components/optimization/PresentValue";
import { ResultMark } from "@/components/optimization/ResultMark";
import { RollBackButton } from "@/components/optimization/RollBackButton";
import { TroubleNote } from "@/components/optimization/TroubleNote";
import { When } from "@/components/optimization/When";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { NEEDING_PAGE, useNeeding } from "@/lib/queries";
import { sentence } from "@/lib/sentence";
import type { Execution } from "@/lib/types";

const MOST = 500; // what the server gives at once; closing some brings up the rest

interface Props {
  closed: Execution | null;
  onClosed: (execution: Execution) => void;
  onShowHistory: (execution: string) => void;
}

/** What the engine has given to people, on top of everything else; and, once the last of it is closed, that it is. */
export default function NeedsYou({ closed, onClosed, onShowHistory }: Props) {
  const { t } = useLanguage();
  const [limit, setLimit] = useState(NEEDING_PAGE);
  const needing = useNeeding(limit);
  const { rows, total } = needing.data ?? { rows: [], total: 0 };
  const more = Math.min(total, MOST) > rows.length;
  return (
    <section aria-labelledby="needs-you-title" data-testid="needs-you">
      <h2 id="needs-you-title">{t("needsYou.title")}<span className="count" data-testid="needs-you-count">{total}</span></h2>
      {closed && <JustClosed key={closed.id} execution={closed} />}
      <div className="needs-you">
        {rows.map((run) => <Waiting key={run.id} run={run} onClosed={onClosed} onShowHistory={onShowHistory} />)}
      </div>
      {rows.length < total && <p className="muted needs-you-rest">{t("needsYou.shown", { shown: rows.length, total })}</p>}
      {more && <Button busy={needing.previous} data-testid="needs-you-more" onClick={() => setLimit(Math.min(MOST, limit + NEEDING_PAGE))}>{t("history.more")}</Button>}
    </section>
  );
}

/** The card that had the focus is gone: it goes on from here, and is read out. */
function JustClosed({ execution }: { execution: Execution }) {
  const { t } = useLanguage();
  const words = useRef<HTMLParagraphElement>(null);
  useEffect(() => words.current?.focus(), []);
  return (
    <p ref={words} tabIndex={-1} role="status" className="needs-you-closed" data-testid="just-closed">
      {t("close.done", { plugin: execution.plugin_id })} {sentence(execution.closing?.text)}
    </p>
  );
}

function Waiting({ run, onClosed, onShowHistory }: { run: Execution } & Omit<Props, "closed">) {
  const { t } = useLanguage();
  return (
    <article className="card execution needs-you-card" data-testid={`needs-you-${run.id}`} aria-labelledby={`needs-${run.id}`}>
      <header className="suggestion-head">
        <div>
          <p className="suggestion-plugin">{run.plugin_id} <span className="muted">· <When at={run.finished_at ?? run.executed_at} only="relative" /></span></p>
          <h3 id={`needs-${run.id}`}>{run.description}</h3>
        </div>
        <div className="execution-actions">
          <ResultMark execution={run} /><CloseButton execution={run} onClosed={onClosed} /><RollBackButton execution={run} />
        </div>
      </header>
      <PresentValue execution={run} />
      <TroubleNote execution={run} />
      <button type="button" className="link" onClick={() => onShowHistory(run.id)}>{t("execution.details")}</button>
    </article>
  );
}
