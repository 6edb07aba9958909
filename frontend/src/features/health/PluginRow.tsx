"use client";

import { memo, useRef, type ReactNode } from "react";
import { Icon } from "@/components/ui/Icon";
import { Sparkline } from "@/components/optimization/Sparkline";
import { StatusMark } from "@/components/optimization/StatusMark";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { isMeasured, lastMeasuredAt } from "@/lib/verdict";
import type { Plugin } from "@/lib/types";
import { COLUMNS } from "./ColumnHeads";
import { useInSight } from "./useInSight";

interface Props {
  /** Undefined while it is on its way. */
  plugin: Plugin | undefined;
  /** Its line in the list; null where it is pinned on top. */
  line: number | null;
  tabStop: boolean;
  open: boolean;
  onOpen: (id: string, line: number, isOpen: boolean) => void;
  panel: (id: string) => ReactNode;
}

/** The same elements with and without its plugin, so that a focus survives its coming. */
export const PluginRow = memo(function PluginRow({ plugin, line, tabStop, open, onOpen, panel }: Props) {
  const { t } = useLanguage();
  const row = useRef<HTMLTableRowElement>(null);
  useInSight(row, open);
  const press = () => plugin && onOpen(plugin.plugin_id, line ?? -1, open);
  const name = plugin ? `plugin-row-${plugin.plugin_id}` : undefined;
  return (
    <>
      <tr
        ref={row} role="row" data-testid={name} data-health={plugin?.health} data-line={line ?? undefined}
        aria-rowindex={line === null ? undefined : line + 2} aria-busy={plugin ? undefined : true}
        className={`plugin-row${open ? " is-open" : ""}${plugin?.stale ? " is-stale" : ""}`} onClick={press}
      >
        <th role="rowheader" scope="row" className="col-plugin" title={plugin && describe(plugin)}>
          <button
            type="button" className="plugin-name" aria-expanded={open} tabIndex={tabStop ? 0 : -1}
            onClick={(event) => { event.stopPropagation(); press(); }}
          >
            <Icon name="down" size={14} /> <span className="plugin-id">{plugin?.plugin_id ?? t("loading")}</span>
          </button>
          {plugin && <span className="plugin-kind muted">{[plugin.touchpoint, ...labelsOf(plugin)].join(" · ")}</span>}
        </th>
        {plugin ? <Figures plugin={plugin} /> : COLUMNS.slice(1).map((column) => <td key={column} role="cell" className={`col-${column}`}><span className="skeleton-line" /></td>)}
      </tr>
      {open && plugin && (
        <tr role="row" className="plugin-panel-row" data-below={line ?? undefined}><td role="cell" colSpan={COLUMNS.length}>{panel(plugin.plugin_id)}</td></tr>
      )}
    </>
  );
});

function describe(plugin: Plugin): string {
  return [plugin.plugin_id, plugin.touchpoint, ...labelsOf(plugin)].join(" · ");
}

function labelsOf(plugin: Plugin): string[] {
  return Object.entries(plugin.labels).map(([key, value]) => `${key}=${value}`);
}

function Figures({ plugin }: { plugin: Plugin }) {
  const { t, format } = useLanguage();
  const live = isMeasured(plugin);
  const metrics: Plugin["metrics"] = live ? plugin.metrics : {};
  const now = (value: number | null) => (live ? value : null);
  const label = `${t("column.p95")} ${format.metric("seconds", metrics.response_time_p95_seconds)}`;
  return (
    <>
      <td role="cell" className="col-health">
        <StatusMark health={plugin.health} stale={plugin.stale} />
        {!live && <span className="muted small">{t("plugins.lastMeasured")} <When at={lastMeasuredAt(plugin)} only="relative" /></span>}
        {live && plugin.stale && <span className="muted small"><When at={plugin.measured_at} only="relative" /></span>}
      </td>
      <Cell plugin={plugin} column="cpu" metrics={["cpu"]} text={format.percent(now(plugin.cpu_usage))} />
      <Cell plugin={plugin} column="memory" metrics={["memory", "worker_memory"]} text={format.percent(now(plugin.memory_usage))} />
      <Cell plugin={plugin} column="errors" metrics={["error"]} text={format.percent(now(plugin.error_rate))} />
      <Cell plugin={plugin} column="responseTime" metrics={["response_time_seconds"]} text={format.milliseconds(now(plugin.response_time))} />
      <Cell plugin={plugin} column="p95" metrics={["response_time", "queue_wait"]} text={format.metric("seconds", metrics.response_time_p95_seconds)} />
      <Cell plugin={plugin} column="workers" metrics={["workers", "busy", "restarts"]} text={format.number(metrics.workers)} />
      <td role="cell" className="col-trend"><Sparkline values={plugin.sparkline} label={label} /></td>
    </>
  );
}

interface CellProps {
  plugin: Plugin;
  column: "cpu" | "memory" | "errors" | "responseTime" | "p95" | "workers";
  metrics: string[];
  text: string;
}

/** One number; marked where a finding is about it. */
function Cell({ plugin, column, metrics, text }: CellProps) {
  const { t } = useLanguage();
  const finding = plugin.stale ? undefined : plugin.findings.find(
    ({ metric, severity }) => severity !== "info" && metrics.some((name) => metric.startsWith(name)),
  );
  return (
    <td role="cell" className={`number col-${column}${finding ? ` tone-${finding.severity}` : ""}`} title={finding?.text} data-label={t(`column.${column}`)}>
      {text}
    </td>
  );
}
