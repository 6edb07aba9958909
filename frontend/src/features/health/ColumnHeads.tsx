"use client";

import { Icon } from "@/components/ui/Icon";
import type { PluginSort } from "@/lib/fleetTypes";
import { useLanguage } from "@/lib/i18n/context";

export const COLUMNS = ["plugin", "health", "cpu", "memory", "errors", "responseTime", "p95", "workers", "trend"] as const;
export type Column = (typeof COLUMNS)[number];

const NUMBERS: ReadonlySet<Column> = new Set(["cpu", "memory", "errors", "responseTime", "p95", "workers"]);

/** What a press on a column's head sorts by, first and when pressed again; a third press leads back to the worst first. */
const SORTS: Partial<Record<Column, readonly [PluginSort, PluginSort]>> = {
  plugin: ["plugin_id", "-plugin_id"],
  cpu: ["-cpu_usage", "cpu_usage"],
  memory: ["-memory_usage", "memory_usage"],
  errors: ["-error_rate", "error_rate"],
  responseTime: ["-response_time", "response_time"],
  p95: ["-response_time_p95_seconds", "response_time_p95_seconds"],
  workers: ["-workers", "workers"],
};

export function ColumnHeads({ sort, onSort }: { sort: PluginSort; onSort: (sort: PluginSort) => void }) {
  return (
    <thead role="rowgroup">
      <tr role="row">{COLUMNS.map((column) => <Head key={column} column={column} sort={sort} onSort={onSort} />)}</tr>
    </thead>
  );
}

function Head({ column, sort, onSort }: { column: Column; sort: PluginSort; onSort: (sort: PluginSort) => void }) {
  const { t } = useLanguage();
  const by = SORTS[column];
  const press = () => onSort(nextSort(column, sort));
  return (
    <th
      role="columnheader" scope="col" className={`col-${column}${NUMBERS.has(column) ? " number" : ""}`}
      aria-sort={column === "health" && sort === "worst" ? "other" : by?.includes(sort) ? (sort.startsWith("-") ? "descending" : "ascending") : undefined}
    >
      {column === "trend" ? t("column.trend") : (
        <button type="button" className="column-sort" data-testid={`sort-${column}`} onClick={press}>
          {t(`column.${column}`)}
          {by?.includes(sort) && <Icon name={sort.startsWith("-") ? "down" : "up"} size={13} />}
        </button>
      )}
    </th>
  );
}

export function nextSort(column: Column, sort: PluginSort): PluginSort {
  const [first, second] = SORTS[column] ?? ["worst", "worst"];
  return sort === first ? second : sort === second ? "worst" : first;
}
