"use client";

import { lazy, Suspense } from "react";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import type { HistorySearch } from "@/lib/historySearch";
import { useTitle } from "@/lib/title";
import type { View } from "@/lib/urlState";
import { HistoryFilters } from "./HistoryFilters";
import { HistoryList } from "./HistoryList";

const TrackRecordPage = lazy(() => import("./TrackRecordPage"));

interface Props {
  view: View;
  show: (change: Partial<View>) => void;
}

const NOTHING: HistorySearch = {};

/** Did it help? Every change ever made, the newest first; and what all of them say together. */
export default function HistoryTab({ view, show }: Props) {
  const { t } = useLanguage();
  const search = view.search ?? NOTHING;
  const record = search.section === "record";
  useTitle(search.section ? [view.plugin, t(record ? "record.title" : "tab.history")] : null);
  const change = (part: HistorySearch) => show({ search: { ...search, ...part }, execution: null });
  return (
    <section aria-label={t(record ? "record.title" : "history.title")}>
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <nav className="sections" aria-label={t("history.sections")}>
        <button type="button" className="section-link" aria-current={record ? undefined : "page"} data-testid="section-changes" onClick={() => change({ section: "" })}>{t("history.title")}</button>
        <button type="button" className="section-link" aria-current={record ? "page" : undefined} data-testid="section-record" onClick={() => change({ section: "record" })}>{t("record.title")}</button>
      </nav>
      <HistoryFilters
        plugin={view.plugin} search={search} part={record ? "record" : "changes"} onSearch={change}
        onPlugin={(plugin) => show({ plugin, execution: null })} onClear={() => show({ plugin: null, execution: null, search: { section: search.section } })}
      />
      {record ? (
        <Suspense fallback={<div className="card"><Skeleton lines={6} label={t("loading")} /></div>}>
          <TrackRecordPage plugin={view.plugin} search={search} />
        </Suspense>
      ) : <HistoryList view={view} search={search} show={show} />}
    </section>
  );
}
