"use client";

import "@/lib/earlyKeys";
import { lazy, Suspense, useCallback, useState } from "react";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Tabs } from "@/components/ui/Tabs";
import { Waiting } from "@/components/Waiting";
import { TABS, tabsFor } from "@/components/dashboardTabs";
import { Header } from "@/features/session/Header";
import { LanguageProvider, useLanguage } from "@/lib/i18n/context";
import { withTexts } from "@/lib/i18n/messages";
import { afterFirstScreen } from "@/lib/firstScreen";
import type { LiveMode } from "@/lib/live/connection";
import { createQueryClient, useSession } from "@/lib/queries";
import { QueryClientProvider } from "@/lib/query/client";
import { TAB_NAMES } from "@/lib/tabs";
import type { Role } from "@/lib/types";
import { useView, type View } from "@/lib/urlState";

const Live = lazy(afterFirstScreen(() => import("@/features/session/Live")));
const Foot = lazy(afterFirstScreen(() => import("@/features/keyboard/Foot")));
const OnePlugin = lazy(withTexts(() => import("@/components/OnePlugin")));
const LoginForm = lazy(withTexts(() => import("@/features/session/LoginForm")));

/** The dashboard: is everything all right, what is suggested, do it, did it help? */
export default function PluginOptimizationDashboard() {
  const [queries] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queries}>
      <EarlyQuestion />
      <LanguageProvider waiting={<Blank />}>
        <Frame />
      </LanguageProvider>
    </QueryClientProvider>
  );
}

/** Who we are is asked while the texts are still on their way. */
function EarlyQuestion() {
  useSession();
  return null;
}

function Blank() {
  return <main className="page"><Waiting page /></main>;
}

function Frame() {
  const { t } = useLanguage();
  const session = useSession();
  const mustLogIn = Boolean(session.data?.login_required && !session.data.logged_in);
  const inside = session.data !== undefined && !mustLogIn;
  const [live, setLive] = useState<LiveMode>("connecting");
  if (session.waiting) return <Blank />; // the header differs by who we are, and would grow under the reader's eyes
  return (
    <>
      <a className="skip-link" href="#content">{t("skip")}</a>
      <Header session={session.data} live={inside ? live : null} />
      <main id="content" className="page" tabIndex={-1}>
        {session.failed && !session.data && <ErrorNotice error={session.error} onRetry={session.askAgain} />}
        <Suspense fallback={<Waiting page />}>
          {mustLogIn && <LoginForm loginUrl={session.data?.login_url ?? null} />}
          {inside && <Views role={session.data?.role} />}
        </Suspense>
      </main>
      {inside && <Suspense fallback={null}><Live onMode={setLive} /></Suspense>}
      {inside && <Suspense fallback={null}><Foot tabs={tabsFor(session.data?.role)} /></Suspense>}
    </>
  );
}

function Views({ role }: { role: Role | null | undefined }) {
  const { t } = useLanguage();
  const { view: asked, show } = useView();
  const names = tabsFor(role);
  const view: View = names.includes(asked.tab) ? asked : { ...asked, tab: TAB_NAMES[0] };
  const tabs = names.map((name) => ({ name, label: t(TABS[name].label) }));
  const Page = TABS[view.tab].page;
  const showExecution = useCallback((execution: string) => show({ tab: "history", execution, plugin: null, page: null }), [show]);
  return (
    <>
      <Tabs label={t("tab.label")} tabs={tabs} active={view.tab} onSelect={(tab) => show({ tab, execution: null, plugin: null, page: null, filter: null })} />
      <div role="tabpanel" id={`panel-${view.tab}`} aria-labelledby={`tab-${view.tab}`} className="tab-panel">
        <Suspense fallback={<Waiting page />}>
          {view.page && view.tab === TAB_NAMES[0]
            ? (
              <OnePlugin
                key={view.page} id={view.page} onBack={() => show({ page: null })}
                onShowHistory={(plugin) => show({ tab: "history", plugin, page: null, execution: null })}
                onShowExecution={showExecution}
              />
            )
            : <Page view={view} show={show} />}
        </Suspense>
      </div>
    </>
  );
}
