"use client";

import { lazy, Suspense, useCallback, useState, type ComponentProps } from "react";
import { Waiting } from "@/components/Waiting";
import { FleetSummary } from "@/features/health/FleetSummary";
import { HealthSection } from "@/features/health/HealthSection";
import { SuggestionList } from "@/features/suggestions/SuggestionList";
import { useNeeding } from "@/lib/queries";
import type { Execution } from "@/lib/types";
import type { Show, View } from "@/lib/urlState";

const RunningExecutions = lazy(() => import("@/features/execution/RunningExecutions"));
const NeedsYou = lazy(() => import("@/features/execution/NeedsYou"));
const PluginPanel = lazy(() => import("@/features/plugin/PluginPanel"));

/** Is everything all right, what is suggested, what runs now? */
export function Overview({ view, show }: { view: View; show: Show }) {
  const showExecution = (execution: string) => show({ tab: "history", execution, plugin: null });
  const [closed, setClosed] = useState<Execution | null>(null);
  const needing = (useNeeding().data?.total ?? 0) > 0;
  const select = useCallback((plugin: string | null) => show({ plugin }), [show]);
  const changeList = useCallback<ComponentProps<typeof HealthSection>["onList"]>((change, step) => show({ list: { ...view.list, ...change } }, step), [show, view.list]);
  const panel = useCallback((id: string) => (
    <Suspense fallback={<Waiting />}>
      <PluginPanel id={id} onOpen={(page) => show({ page, plugin: null })} onShowHistory={(plugin) => show({ tab: "history", plugin, execution: null })} />
    </Suspense>
  ), [show]);
  return (
    <>
      {(needing || closed) && <Suspense fallback={null}><NeedsYou closed={closed} onClosed={setClosed} onShowHistory={showExecution} /></Suspense>}
      <FleetSummary onSelect={select} />
      <Suspense fallback={null}><RunningExecutions onShowHistory={showExecution} /></Suspense>
      <SuggestionList onShowExecution={showExecution} />
      <HealthSection
        list={view.list} onList={changeList} selected={view.plugin} onSelect={select} panel={panel}
      />
    </>
  );
}
