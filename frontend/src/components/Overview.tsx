"use client";

import { lazy, Suspense, useState } from "react";
import { Waiting } from "@/components/Waiting";
import { FleetSummary } from "@/features/health/FleetSummary";
import { HealthSection } from "@/features/health/HealthSection";
import { SuggestionList } from "@/features/suggestions/SuggestionList";
import { useNeeding } from "@/lib/queries";
import type { Execution } from "@/lib/types";
import type { View } from "@/lib/urlState";

const RunningExecutions = lazy(() => import("@/features/execution/RunningExecutions"));
const NeedsYou = lazy(() => import("@/features/execution/NeedsYou"));
const PluginPanel = lazy(() => import("@/features/plugin/PluginPanel"));

/** Is everything all right, what is suggested, what runs now? */
export function Overview({ view, show }: { view: View; show: (change: Partial<View>) => void }) {
  const showExecution = (execution: string) => show({ tab: "history", execution, plugin: null });
  const [closed, setClosed] = useState<Execution | null>(null);
  const needing = (useNeeding().data?.total ?? 0) > 0;
  return (
    <>
      {(needing || closed) && <Suspense fallback={null}><NeedsYou closed={closed} onClosed={setClosed} onShowHistory={showExecution} /></Suspense>}
      <FleetSummary onSelect={(plugin) => show({ plugin })} />
      <Suspense fallback={null}><RunningExecutions onShowHistory={showExecution} /></Suspense>
      <SuggestionList onShowExecution={showExecution} />
      <HealthSection
        selected={view.plugin} onSelect={(plugin) => show({ plugin })}
        panel={(id) => (
          <Suspense fallback={<Waiting />}>
            <PluginPanel id={id} onShowHistory={(plugin) => show({ tab: "history", plugin, execution: null })} />
          </Suspense>
        )}
      />
    </>
  );
}
