"use client";

import { lazy, Suspense, useCallback, useEffect, useState, type ComponentProps } from "react";
import { Waiting } from "@/components/Waiting";
import { FleetSummary } from "@/features/health/FleetSummary";
import { HealthSection } from "@/features/health/HealthSection";
import { SuggestionList } from "@/features/suggestions/SuggestionList";
import { firstScreenIsExpected, firstScreenIsShown } from "@/lib/firstScreen";
import { withTexts } from "@/lib/i18n/messages";
import { useSnoozed } from "@/lib/settingAside";
import { queryOf, usePluginPage } from "@/lib/pluginPages";
import { useFleet, useHealth, useNeeding, useRecentRuns, useResting, useSuggestions } from "@/lib/queries";
import { anyShownNow } from "@/lib/runs";
import type { Execution } from "@/lib/types";
import type { Show, View } from "@/lib/urlState";
import { useModule } from "@/lib/useModule";

const loadRunning = withTexts(() => import("@/features/execution/RunningExecutions"));
const loadNeedsYou = withTexts(() => import("@/features/execution/NeedsYou"));
const loadSetAside = withTexts(() => import("@/features/suggestions/SetAside"));
const loadNoSuggestions = withTexts(() => import("@/features/suggestions/NoSuggestions"));
const PATIENCE_MS = 6000;
const PluginPanel = lazy(withTexts(() => import("@/features/plugin/PluginPanel")));

/** Is everything all right, what is suggested, what runs now? */
export function Overview({ view, show }: { view: View; show: Show }) {
  const showExecution = (execution: string) => show({ tab: "history", execution, plugin: null });
  const [closed, setClosed] = useState<Execution | null>(null);
  const select = useCallback((plugin: string | null) => show({ plugin }), [show]);
  const changeList = useCallback<ComponentProps<typeof HealthSection>["onList"]>((change, step) => show({ list: { ...view.list, ...change } }, step), [show, view.list]);
  const panel = useCallback((id: string) => (
    <Suspense fallback={<Waiting />}>
      <PluginPanel id={id} onOpen={(page) => show({ page, plugin: null })} onShowHistory={(plugin) => show({ tab: "history", plugin, execution: null })} />
    </Suspense>
  ), [show]);
  const needing = (useNeeding().data?.total ?? 0) > 0 || closed !== null;
  const running = useRunning();
  const above = useModule(needing, loadNeedsYou);
  const now = useModule(running, loadRunning);
  const resting = useAnySetAside();
  const aside = useModule(resting, loadSetAside);
  const nothing = useNothingSuggested();
  const why = useModule(nothing, loadNoSuggestions);
  const [told, setTold] = useState(false);
  const isTold = useCallback(() => setTold(true), []);
  if (!useReady((!needing || above !== null) && (!running || now !== null) && (!resting || aside !== null) && (!nothing || told))) {
    return <><Waiting page /><ListOnItsWay list={view.list} />{why && <why.AnswersOnTheirWay onTold={isTold} />}</>;
  }
  return (
    <>
      {above && <above.default closed={closed} onClosed={setClosed} onShowHistory={showExecution} />}
      <FleetSummary onSelect={select} />
      {now && <now.default onShowHistory={showExecution} />}
      <SuggestionList onShowExecution={showExecution} setAside={aside && <aside.default />} nothing={why && <why.default />} />
      <HealthSection
        list={view.list} onList={changeList} selected={view.plugin} onSelect={select} panel={panel}
      />
    </>
  );
}

/** Asks for the list while the rest of the first screen is waited for: behind the fleet, so that nothing above the list waits for it. */
function ListOnItsWay({ list }: { list: View["list"] }) {
  usePluginPage(queryOf(list), 0, notHeld, useFleet().data !== undefined);
  return null;
}

const notHeld = () => false;

/** Whether there is an execution to show; asked anew when the list of executions changes, which happens when one ends. */
function useRunning(): boolean {
  return anyShownNow(useRecentRuns().data ?? []);
}

function useNothingSuggested(): boolean {
  return useSuggestions().data?.every(({ state }) => state !== "open" && state !== "claimed") ?? false;
}

function useAnySetAside(): boolean {
  const [snoozed, resting] = [useSnoozed().data, useResting().data];
  return Boolean(snoozed?.length || resting?.length);
}

/**
 * True from the moment on when all that the first screen shows has been answered or refused: it is swapped in once, so
 * that nothing moves under the reader's hand. What takes too long is not waited for.
 */
function useReady(partsThere: boolean): boolean {
  const answers = [useFleet(), useSuggestions(), useRecentRuns(), useNeeding(), useSnoozed(), useResting(), useHealth()];
  const [ready, setReady] = useState(false);
  const there = partsThere && !answers.some((answer) => answer.waiting);
  if (there && !ready) setReady(true);
  const shown = ready || there;
  useEffect(() => {
    if (there) firstScreenIsShown();
  }, [there]);
  useEffect(() => {
    firstScreenIsExpected();
    const timer = setTimeout(() => setReady(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return shown;
}
