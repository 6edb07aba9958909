"use client";

import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { exportUrl } from "@/lib/laterApi";
import { queryOf, type HistorySearch } from "@/lib/historySearch";
import { useHistory, useHistoryCount } from "@/lib/historyPages";
import { useLanguage } from "@/lib/i18n/context";
import type { View } from "@/lib/urlState";
import { HistoryRow } from "./HistoryRow";
import { LinkedExecution } from "./LinkedExecution";

interface Props {
  view: View;
  search: HistorySearch;
  show: (change: Partial<View>) => void;
}

/** The changes that fit, page by page, and as files that hold the same. */
export function HistoryList({ view, search, show }: Props) {
  const { t, format } = useLanguage();
  const history = useHistory(view.plugin, search);
  const total = useHistoryCount(view.plugin, search);
  const runs = history.data?.pages.flat() ?? [];
  const query = queryOf(search, view.plugin);
  const filtered = Object.values(query).some(Boolean);
  const linked = view.execution && history.data && !runs.some((run) => run.id === view.execution) ? view.execution : null;
  return (
    <>
      <div className="section-head">
        <h2 id="history-title">{t("history.title")}{total !== undefined && <span className="count" data-testid="history-count">{format.number(total, 6)}</span>}</h2>
        <div className="section-tools">
          <a className="link" data-testid="export-csv" href={exportUrl("history", "csv", query)} download>{t("history.csv")}</a>
          <a className="link" data-testid="export-json" href={exportUrl("history", "json", query)} download>{t("history.json")}</a>
        </div>
      </div>
      {history.failed && <ErrorNotice error={history.error} onRetry={() => void history.askAgain()} />}
      {history.waiting && <div className="card"><Skeleton lines={6} label={t("loading")} /></div>}
      {linked && <LinkedExecution id={linked} onClose={() => show({ execution: null })} />}
      {history.data && !history.failed && runs.length === 0 && (
        <p className="card empty" data-testid="empty-history">{t(filtered ? "history.noneFits" : "history.none")}</p>
      )}
      <ol className={history.failed || history.previous ? "history is-old" : "history"}>
        {runs.map((run) => (
          <HistoryRow
            key={run.id} execution={run} open={run.id === view.execution}
            onToggle={() => show({ execution: run.id === view.execution ? null : run.id, tab: "history" })}
          />
        ))}
      </ol>
      {history.hasMore && (
        <Button icon="down" busy={history.fetchingMore} onClick={history.fetchMore}>{t("history.more")}</Button>
      )}
    </>
  );
}
