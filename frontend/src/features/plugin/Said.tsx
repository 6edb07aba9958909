"use client";

import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { partName } from "@/lib/partName";
import { onceEach, parted } from "@/lib/silences";
import type { PluginDetail, Silence } from "@/lib/types";

/** What is wrong, and since when. */
export function Findings({ plugin }: { plugin: PluginDetail }) {
  const { t } = useLanguage();
  return (
    <div>
      <h3>{t("panel.findings")}</h3>
      {plugin.findings.length === 0 && <p className="muted">{t(plugin.stale ? "panel.findings.stale" : "panel.findings.none")}</p>}
      <ul className="plain-list">
        {plugin.findings.map((finding) => (
          <li key={`${finding.kind}-${finding.metric}`} className={`finding tone-${finding.severity}`}>
            <span>{finding.text}</span>
            <span className="muted small">{t("panel.since")} <When at={finding.since} /></span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Every silent planner says why it is silent; what several say is said once, and what the plugin only has not is folded. */
export function Silences({ plugin }: { plugin: PluginDetail }) {
  const { t } = useLanguage();
  if (plugin.silences.length === 0) return null;
  const { telling, notThere } = parted(plugin.silences);
  return (
    <div data-testid="silences">
      <h3>{t("panel.silences")}</h3>
      <Reasons of={telling} />
      {notThere.length > 0 && (
        <details open={telling.length === 0}>
          <summary className="muted small">{t("panel.silences.notThere", { count: notThere.length })}</summary>
          <Reasons of={notThere} />
        </details>
      )}
    </div>
  );
}

function Reasons({ of }: { of: readonly Silence[] }) {
  const { t } = useLanguage();
  return (
    <ul className="plain-list silences">
      {onceEach(of).map(({ text, planners }) => (
        <li key={text}>{text} <span className="muted small">{planners.map((planner) => partName(t, "planner", planner)).join(", ")}</span></li>
      ))}
    </ul>
  );
}
