"use client";

import "@/styles/plugin.css";
import { useCallback, type ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { StatusMark } from "@/components/optimization/StatusMark";
import { Way } from "@/components/optimization/Way";
import { When } from "@/components/optimization/When";
import { MoreTexts, useLanguage } from "@/lib/i18n/context";
import { usePlugin } from "@/lib/detailQueries";
import { incidentsAddress } from "@/lib/incidentFilter";
import { useAnatomy } from "@/lib/pluginQueries";
import { isMeasured, lastMeasuredAt } from "@/lib/verdict";
import type { PluginDetail } from "@/lib/types";
import { ChartGrid } from "./ChartGrid";
import { ErrorGroups } from "./ErrorGroups";
import { KnobTable } from "./KnobTable";
import { spanOf } from "./pageState";
import { PolicyInForce } from "./PolicyInForce";
import { RangeBar } from "./RangeBar";
import { Findings, Silences } from "./Said";
import { TimeSpent } from "./TimeSpent";
import { usePage } from "./useZoom";
import { WhatIf } from "./WhatIf";

interface Props {
  id: string;
  onBack: () => void;
  onShowHistory: (id: string) => void;
  onShowExecution: (id: string) => void;
  /** What runs for this plugin and what is suggested for it. */
  offers: ReactNode;
}

/** What is wrong with this plugin, since when, where its time goes, what can be turned, and what that would do. */
export default function PluginPage(props: Props) {
  return <MoreTexts of="plugin" waiting={<div className="card"><Skeleton lines={8} label="…" /></div>}><Page {...props} /></MoreTexts>;
}

function Page({ id, onBack, onShowHistory, onShowExecution, offers }: Props) {
  const { t } = useLanguage();
  const plugin = usePlugin(id);
  const { page, change, zoom } = usePage();
  const drill = useCallback((metric: string | null) => change({ drill: metric }), [change]);
  const anatomy = useAnatomy(id, { from: page.span?.from ?? null, to: page.span?.to ?? null, spanMs: spanOf(page) });
  return (
    <article className="plugin-page" aria-labelledby="plugin-title" data-testid={`plugin-page-${id}`}>
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <div className="plugin-head">
        <Button kind="quiet" onClick={onBack} data-testid="back">← {t("plugin.back")}</Button>
        <h2 id="plugin-title">{id}</h2>
        {plugin.data && <StatusMark health={plugin.data.health} stale={plugin.data.stale} />}
        <span className="plugin-ways">
          <Way to={incidentsAddress({ plugin: id })} testId="plugin-incidents">{t("plugin.incidents")}</Way>
          <button type="button" className="link" onClick={() => onShowHistory(id)}>{t("panel.history")}</button>
        </span>
      </div>
      {plugin.failed && <ErrorNotice error={plugin.error} onRetry={plugin.askAgain} />}
      {plugin.waiting && <div className="card"><Skeleton lines={8} label={t("loading")} /></div>}
      {plugin.data && (
        <>
          <Stale plugin={plugin.data} />
          <div className="plugin-said card">
            <Findings plugin={plugin.data} />
            <Silences plugin={plugin.data} />
          </div>
          {offers}
          <RangeBar page={page} change={change} zoom={zoom} />
          <ChartGrid plugin={plugin.data} page={page} zoom={zoom} onDrill={drill} onShowExecution={onShowExecution} />
          <TimeSpent anatomy={anatomy} />
          <WhatIf id={id} />
          <KnobTable plugin={plugin.data} onShowExecution={onShowExecution} />
          <PolicyInForce id={id} />
          <ErrorGroups found={anatomy.data} known={plugin.data.errors} />
        </>
      )}
    </article>
  );
}

/** Old figures are never shown as present ones. */
function Stale({ plugin }: { plugin: PluginDetail }) {
  const { t } = useLanguage();
  if (!plugin.stale && isMeasured(plugin)) return null;
  return (
    <Notice tone="warning" title={t("plugin.stale")} testId="plugin-stale">
      <p>{t("plugins.lastMeasured")} <When at={lastMeasuredAt(plugin)} /></p>
    </Notice>
  );
}
