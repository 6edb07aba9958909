"use client";

import { lazy, Suspense, type ReactNode } from "react";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { usePlugins } from "@/lib/queries";

// Asked for at once: it is on its way while the server still answers.
const table = typeof window === "undefined" ? null : import("./PluginTable");
const PluginTable = lazy(() => table ?? import("./PluginTable"));

interface Props {
  selected: string | null;
  onSelect: (id: string | null) => void;
  panel: (id: string) => ReactNode;
}

export function HealthSection(props: Props) {
  const { t } = useLanguage();
  const plugins = usePlugins();
  return (
    <section aria-labelledby="plugins-title">
      <h2 id="plugins-title">{t("plugins.title")}</h2>
      {plugins.failed && <ErrorNotice error={plugins.error} onRetry={plugins.askAgain} />}
      {plugins.waiting && <div className="card"><Skeleton lines={6} label={t("loading")} /></div>}
      {plugins.data && plugins.data.length > 0 && (
        <Suspense fallback={<div className="card"><Skeleton lines={6} label={t("loading")} /></div>}>
          <div className={plugins.failed ? "is-old" : undefined}><PluginTable plugins={plugins.data} {...props} /></div>
        </Suspense>
      )}
      {plugins.data?.length === 0 && !plugins.failed && <p className="card empty" data-testid="empty-plugins">{t("plugins.empty")}</p>}
      {props.selected && plugins.data && !plugins.data.some((plugin) => plugin.plugin_id === props.selected) && (
        <p className="card empty">{t("plugins.unknown", { plugin: props.selected })}</p>
      )}
    </section>
  );
}
