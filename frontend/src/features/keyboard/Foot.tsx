"use client";

import { lazy, Suspense, useCallback, useState } from "react";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { focusSearch, stepCards, useShortcuts, useShortcutsOn, type Command } from "@/lib/shortcuts";
import { TAB_NAMES, type TabName } from "@/lib/tabs";
import { useTitle } from "@/lib/title";
import { useView, type View } from "@/lib/urlState";

const KeyboardHelp = lazy(() => import("./KeyboardHelp"));

/** What holds for the whole page: its name, in which time zone its times are, and which keys it knows. */
export default function Foot({ tabs }: { tabs: readonly TabName[] }) {
  const { t, format } = useLanguage();
  const { view, show } = useView();
  const [helping, setHelping] = useState(false);
  const [on] = useShortcutsOn();
  const act = useCallback((command: Command) => {
    if (command === "next") return stepCards(1);
    if (command === "previous") return stepCards(-1);
    if (command === "help") return setHelping(true);
    if (view.tab !== TAB_NAMES[0]) show({ tab: TAB_NAMES[0], execution: null });
    focusSearch();
  }, [view.tab, show]);
  useShortcuts(on, act);
  useNameOf(view, tabs);
  return (
    <footer className="foot">
      <p data-testid="time-zone">{t("foot.zone", { zone: format.zone() })}</p>
      <Button kind="quiet" data-testid="keyboard-help" onClick={() => setHelping(true)}>{t("keys.title")} <kbd aria-hidden="true">?</kbd></Button>
      {helping && <Suspense fallback={null}><KeyboardHelp onClose={() => setHelping(false)} /></Suspense>}
    </footer>
  );
}

/** Name what is looked at; the section of the history that says how changes did names itself. Not in the first load: nobody waits for it. */
function useNameOf(view: View, tabs: readonly TabName[]): void {
  const { t } = useLanguage();
  const seen = tabs.includes(view.tab) ? view.tab : TAB_NAMES[0];
  useTitle(view.search?.section ? null : [view.page ?? view.plugin, view.page ? null : t(`tab.${seen}`)]);
}
