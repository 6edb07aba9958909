"use client";

import { lazy, Suspense, useCallback, useState } from "react";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { focusSearch, stepCards, useShortcuts, useShortcutsOn, type Command } from "@/lib/shortcuts";
import { TAB_NAMES } from "@/lib/tabs";
import { useView } from "@/lib/urlState";

const KeyboardHelp = lazy(() => import("./KeyboardHelp"));

/** What holds for the whole page: in which time zone its times are, and which keys it knows. */
export default function Foot() {
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
  return (
    <footer className="foot">
      <p data-testid="time-zone">{t("foot.zone", { zone: format.zone() })}</p>
      <Button kind="quiet" data-testid="keyboard-help" onClick={() => setHelping(true)}>{t("keys.title")} <kbd aria-hidden="true">?</kbd></Button>
      {helping && <Suspense fallback={null}><KeyboardHelp onClose={() => setHelping(false)} /></Suspense>}
    </footer>
  );
}
