"use client";

import { useRef, type ReactNode } from "react";
import { Icon } from "@/components/ui/Icon";
import { Sparkline } from "@/components/optimization/Sparkline";
import { StatusMark } from "@/components/optimization/StatusMark";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { isMeasured, lastMeasuredAt, shownHealth } from "@/lib/verdict";
import type { Plugin } from "@/lib/types";
import { useInSight } from "./useInSight";

interface Props {
  plugin: Plugin;
  open: boolean;
  columns: number;
  onToggle: () => void;
  panel: (id: string) => ReactNode;
}

export function PluginRow({ plugin, open, columns, onToggle, panel }: Props) {
  const { t, format } = useLanguage();
  const row = useRef<HTMLTableRowElement>(null);
  useInSight(row, open);
  const health = shownHealth(plugin);
  const live = isMeasured(plugin);
  const metrics: Plugin["metrics"] = live ? plugin.metrics : {};
  const now = (value: number | null) => (live ? value : null);
  const label = `${t("column.p95")} ${format.metric("seconds", metrics.response_time_p95_seconds)}`;
  return (
    <>
      <tr
        ref={row} role="row" data-testid={`plugin-row-${plugin.plugin_id}`} data-health={health}
        className={`plugin-row${open ? " is-open" : ""}${plugin.stale ? " is-stale" : ""}`} onClick={onToggle}
      >
        <th role="rowheader" scope="row" className="col-plugin">
          <button
            type="button" className="plugin-name" aria-expanded={open}
            onClick={(event) => { event.stopPropagation(); onToggle(); }}
          >
            <Icon name="down" size={14} /> {plugin.plugin_id}
          </button>
          <span className="plugin-kind muted">{plugin.touchpoint}</span>
        </th>
        <td role="cell" className="col-health">
          <StatusMark health={health} stale={plugin.stale} />
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
      </tr>
      {open && <tr role="row" className="plugin-panel-row"><td role="cell" colSpan={columns}>{panel(plugin.plugin_id)}</td></tr>}
    </>
  );
}

/** One number; marked where a finding is about it. */
function Cell({ plugin, column, metrics, text }: { plugin: Plugin; column: "cpu" | "memory" | "errors" | "responseTime" | "p95" | "workers"; metrics: string[]; text: string }) {
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
