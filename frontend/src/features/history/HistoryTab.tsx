"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { exportUrl } from "@/lib/api";
import { useLanguage } from "@/lib/i18n/context";
import { useHistory } from "@/lib/historyPages";
import { useNamesLike } from "@/lib/pluginPages";
import type { View } from "@/lib/urlState";
import { HistoryRow } from "./HistoryRow";
import { LinkedExecution } from "./LinkedExecution";

interface Props {
  view: View;
  show: (change: Partial<View>) => void;
}

/** Did it help? Every change ever made, the newest first. */
export default function HistoryTab({ view, show }: Props) {
  const { t } = useLanguage();
  const history = useHistory(view.plugin);
  const runs = history.data?.pages.flat() ?? [];
  const linked = view.execution && history.data && !runs.some((run) => run.id === view.execution) ? view.execution : null;
  return (
    <section aria-labelledby="history-title">
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <div className="section-head">
        <h2 id="history-title">{t("history.title")}</h2>
        <div className="section-tools">
          <PluginFilter selected={view.plugin} onSelect={(plugin) => show({ plugin, execution: null })} />
          <a className="link" href={exportUrl("history", "csv")} download>{t("history.csv")}</a>
          <a className="link" href={exportUrl("history", "json")} download>{t("history.json")}</a>
        </div>
      </div>
      {history.failed && <ErrorNotice error={history.error} onRetry={history.askAgain} />}
      {history.waiting && <div className="card"><Skeleton lines={6} label={t("loading")} /></div>}
      {linked && <LinkedExecution id={linked} onClose={() => show({ execution: null })} />}
      {history.data && !history.failed && runs.length === 0 && (
        <p className="card empty" data-testid="empty-history">{t(view.plugin ? "history.noneOfPlugin" : "history.none")}</p>
      )}
      <ol className={history.failed ? "history is-old" : "history"}>
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
    </section>
  );
}

/** A name that is typed or picked; the server is asked for those that hold the letters, for there may be thousands. */
function PluginFilter({ selected, onSelect }: { selected: string | null; onSelect: (plugin: string | null) => void }) {
  const { t } = useLanguage();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? selected ?? "";
  const names = useNamesLike(text).data?.rows.map((plugin) => plugin.plugin_id) ?? [];
  const choose = (value: string) => {
    const isName = value === "" || names.includes(value);
    setTyped(isName ? null : value);
    if (isName && value !== (selected ?? "")) onSelect(value || null);
  };
  return (
    <label className="choice">
      <span className="choice-label">{t("history.filter")}</span>
      <input
        type="search" list="history-plugins" value={text} placeholder={t("history.all")} data-testid="history-filter" autoComplete="off"
        onChange={(event) => choose(event.target.value)} onBlur={() => setTyped(null)}
      />
      <datalist id="history-plugins">{names.map((name) => <option key={name} value={name} />)}</datalist>
    </label>
  );
}
