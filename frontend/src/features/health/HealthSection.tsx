"use client";

import { useState, type ReactNode } from "react";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { afterFirstScreen } from "@/lib/firstScreen";
import { useLanguage } from "@/lib/i18n/context";
import { withTexts } from "@/lib/i18n/messages";
import { isFiltered, type ListView } from "@/lib/listView";
import { queryOf, usePluginPage } from "@/lib/pluginPages";
import { useFleet } from "@/lib/queries";
import { useModule } from "@/lib/useModule";
import { useHold, useHolding } from "./useHold";

// Fetched once the suggestions above are drawn: on a slow line, they can be executed while the table is on its way.
// Not by `lazy`: React keeps the second of two placeholders for 300 ms, however soon what it stands for is there.
const loadTable = afterFirstScreen(withTexts(() => Promise.all([import("./PluginTable"), import("./ListTools")]).then(
  ([table, tools]) => ({ PluginTable: table.default, ListTools: tools.default }),
)));

interface Props {
  list: ListView;
  onList: (change: Partial<ListView>, step?: "next" | "here") => void;
  selected: string | null;
  onSelect: (id: string | null) => void;
  panel: (id: string) => ReactNode;
}

/** How is each of them? Found, filtered, grouped and sorted by the server, a page at a time. */
export function HealthSection({ list, onList, selected, onSelect, panel }: Props) {
  const { t } = useLanguage();
  const fleet = useFleet();
  const hold = useHold();
  useHolding(hold, "panel", selected !== null);
  const first = usePluginPage(queryOf(list), 0, hold.held, true);
  // While the answer to a new question is on its way, the answer to the one before stays, dimmed.
  const [answered, setAnswered] = useState<{ list: ListView; total: number } | null>(null);
  const total = first.data?.total;
  if (total !== undefined && (answered?.list !== list || answered.total !== total)) setAnswered({ list, total });
  const empty = fleet.data?.total === 0;
  const parts = useModule(true, loadTable);
  const waiting = (!answered && !first.failed) || (answered && !empty && !parts);
  return (
    <section aria-labelledby="plugins-title" id="plugins">
      <h2 id="plugins-title">{t("plugins.title")}</h2>
      {first.failed && <ErrorNotice error={first.error} onRetry={() => void first.askAgain()} />}
      {empty && !first.failed && <p className="card empty" data-testid="empty-plugins">{t("plugins.empty")}</p>}
      {waiting && <div className="card"><Skeleton lines={6} label={t("loading")} /></div>}
      {answered && !empty && parts && (
        <>
          <parts.ListTools list={list} onList={onList} fleet={fleet.data} found={answered.list === list ? answered.total : null} />
          <div className={first.failed || answered.list !== list ? "is-old" : undefined} aria-busy={answered.list !== list}>
            <parts.PluginTable
              key={JSON.stringify(queryOf(answered.list)) + (answered.list.group ?? "")} list={answered.list} total={answered.total}
              hold={hold} selected={selected} onSelect={onSelect} onList={onList} panel={panel}
              nothing={isFiltered(answered.list) ? t("list.nothing") : t("plugins.empty")}
            />
          </div>
        </>
      )}
    </section>
  );
}
