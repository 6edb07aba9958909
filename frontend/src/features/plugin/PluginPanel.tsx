"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { usePlugin } from "@/lib/detailQueries";
import { onceEach } from "@/lib/silences";
import type { PluginDetail } from "@/lib/types";
import { ErrorGroups } from "./ErrorGroups";
import { KnobTable } from "./KnobTable";
import { MetricChart } from "./MetricChart";

/** What is wrong with this plugin, since when, and what can be turned. */
export default function PluginPanel({ id, onShowHistory }: { id: string; onShowHistory: (id: string) => void }) {
  const { t } = useLanguage();
  const plugin = usePlugin(id);
  if (plugin.failed && !plugin.data) return <ErrorNotice error={plugin.error} onRetry={plugin.askAgain} />;
  if (!plugin.data) return <Skeleton lines={6} label={t("loading")} />;
  const { data } = plugin;
  return (
    <div className="panel" data-testid={`panel-${id}`}>
      <div className="panel-chart"><MetricChart plugin={data} /></div>
      <div className="panel-side">
        <Findings plugin={data} />
        <Silences plugin={data} />
        <p>
          <button type="button" className="link" onClick={() => onShowHistory(id)}>{t("panel.history")}</button>
        </p>
      </div>
      <div className="panel-wide">
        <KnobTable plugin={data} />
        <ErrorGroups errors={data.errors} />
      </div>
    </div>
  );
}

function Findings({ plugin }: { plugin: PluginDetail }) {
  const { t } = useLanguage();
  return (
    <div>
      <h3>{t("panel.findings")}</h3>
      {plugin.findings.length === 0 && <p className="muted">{t(plugin.stale ? "panel.findings.stale" : "panel.findings.none")}</p>}
      <ul className="plain-list">
        {plugin.findings.map((finding) => (
          <li key={`${finding.kind}-${finding.metric}`} className={`finding tone-${finding.severity}`}>
            <span>{finding.text}</span>
            <span className="muted small">{t("panel.since")} <When at={finding.since} only="relative" /></span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Every silent planner says why it is silent; what several say is said once. */
function Silences({ plugin }: { plugin: PluginDetail }) {
  const { t } = useLanguage();
  if (plugin.silences.length === 0) return null;
  return (
    <div>
      <h3>{t("panel.silences")}</h3>
      <ul className="plain-list silences">
        {onceEach(plugin.silences).map(({ text, planners }) => (
          <li key={text}>{text} <span className="muted small">{planners.join(", ")}</span></li>
        ))}
      </ul>
    </div>
  );
}
