"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { Tabs } from "@/components/ui/Tabs";
import { FleetSummary } from "@/features/health/FleetSummary";
import { HealthSection } from "@/features/health/HealthSection";
import { Header } from "@/features/session/Header";
import { SuggestionList } from "@/features/suggestions/SuggestionList";
import { LanguageProvider, useLanguage } from "@/lib/i18n/context";
import { useLive } from "@/lib/live";
import { createQueryClient, useNeeding, useSession } from "@/lib/queries";
import type { Execution } from "@/lib/types";
import { useView, type View } from "@/lib/urlState";

// Each in its own chunk: the first load holds only what the first screen needs.
const LoginForm = lazy(() => import("@/features/session/LoginForm"));
const RunningExecutions = lazy(() => import("@/features/execution/RunningExecutions"));
const NeedsYou = lazy(() => import("@/features/execution/NeedsYou"));
const PluginPanel = lazy(() => import("@/features/plugin/PluginPanel"));
const HistoryTab = lazy(() => import("@/features/history/HistoryTab"));
const AuditTab = lazy(() => import("@/features/audit/AuditTab"));

/** The dashboard: is everything all right, what is suggested, do it, did it help? */
export default function PluginOptimizationDashboard() {
  const [queries] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queries}>
      <LanguageProvider waiting={<main className="page"><Waiting /></main>}>
        <Frame />
      </LanguageProvider>
    </QueryClientProvider>
  );
}

function Waiting() {
  return <div className="card"><Skeleton lines={4} label="…" /></div>;
}

function Frame() {
  const { t } = useLanguage();
  const session = useSession();
  const mustLogIn = Boolean(session.data?.login_required && !session.data.logged_in);
  const inside = session.data !== undefined && !mustLogIn;
  const live = useLive(inside);
  return (
    <>
      <a className="skip-link" href="#content">{t("skip")}</a>
      <Header session={session.data} live={inside ? live : null} />
      <main id="content" className="page" tabIndex={-1}>
        {session.failed && !session.data && <ErrorNotice error={session.error} onRetry={session.askAgain} />}
        {session.waiting && <Waiting />}
        <Suspense fallback={<Waiting />}>
          {mustLogIn && <LoginForm loginUrl={session.data?.login_url ?? null} />}
          {inside && <Views admin={session.data?.role === "admin"} />}
        </Suspense>
      </main>
    </>
  );
}

/** The audit is for administrators: the server shows it to nobody else. */
function Views({ admin }: { admin: boolean }) {
  const { t } = useLanguage();
  const { view: asked, show } = useView();
  const names = admin ? (["overview", "history", "audit"] as const) : (["overview", "history"] as const);
  const view: View = asked.tab === "audit" && !admin ? { ...asked, tab: "overview" } : asked;
  const tabs = names.map((name) => ({ name, label: t(`tab.${name}`) }));
  return (
    <>
      <Tabs label={t("tab.label")} tabs={tabs} active={view.tab} onSelect={(tab) => show({ tab, execution: null, plugin: null })} />
      <div role="tabpanel" id={`panel-${view.tab}`} aria-labelledby={`tab-${view.tab}`} className="tab-panel">
        <Suspense fallback={<Waiting />}>
          {view.tab === "overview" && <Overview view={view} show={show} />}
          {view.tab === "history" && <HistoryTab view={view} show={show} />}
          {view.tab === "audit" && <AuditTab />}
        </Suspense>
      </div>
    </>
  );
}

function Overview({ view, show }: { view: View; show: (change: Partial<View>) => void }) {
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
