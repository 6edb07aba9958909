"use client";

import { type ReactNode } from "react";
import { useLanguage } from "@/lib/i18n/context";
import { worstFirst } from "@/lib/verdict";
import type { Plugin } from "@/lib/types";
import { PluginRow } from "./PluginRow";
import { useSteadyOrder } from "./useSteadyOrder";

interface Props {
  plugins: Plugin[];
  selected: string | null;
  onSelect: (id: string | null) => void;
  panel: (id: string) => ReactNode;
}

const COLUMNS = ["plugin", "health", "cpu", "memory", "errors", "responseTime", "p95", "workers", "trend"] as const;
const NUMBERS: ReadonlySet<string> = new Set(["cpu", "memory", "errors", "responseTime", "p95", "workers"]);

/** All plugins, worst first, with the four metrics of everyone's first question. The roles survive the phone's layout. */
export default function PluginTable({ plugins, selected, onSelect, panel }: Props) {
  const { t } = useLanguage();
  const { sorted, hold } = useSteadyOrder(worstFirst(plugins));
  return (
    <div className="table-scroll card" onPointerEnter={hold.start} onPointerLeave={hold.end}>
      <table className="plugins" role="table" aria-label={t("plugins.title")}>
        <thead role="rowgroup">
          <tr role="row">
            {COLUMNS.map((column) => (
              <th key={column} role="columnheader" scope="col" className={`col-${column}${NUMBERS.has(column) ? " number" : ""}`}>
                {t(`column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {sorted.map((plugin) => (
            <PluginRow
              key={plugin.plugin_id} plugin={plugin} open={plugin.plugin_id === selected} columns={COLUMNS.length}
              onToggle={() => onSelect(plugin.plugin_id === selected ? null : plugin.plugin_id)} panel={panel}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
