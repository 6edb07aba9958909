"use client";

import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Way } from "@/components/optimization/Way";
import { MoreTexts, useLanguage } from "@/lib/i18n/context";
import { usePlugin } from "@/lib/detailQueries";
import { incidentsAddress } from "@/lib/incidentFilter";
import { Findings, Silences } from "./Said";

interface Props {
  id: string;
  onOpen: (id: string) => void;
  onShowHistory: (id: string) => void;
}

/** In the list: what is wrong with this plugin, why nothing is suggested, and the way to its page. */
export default function PluginPanel(props: Props) {
  const { t } = useLanguage();
  return <MoreTexts of="plugin" waiting={<Skeleton lines={4} label={t("loading")} />}><Panel {...props} /></MoreTexts>; // names of planners
}

function Panel({ id, onOpen, onShowHistory }: Props) {
  const { t } = useLanguage();
  const plugin = usePlugin(id);
  if (plugin.failed && !plugin.data) return <ErrorNotice error={plugin.error} onRetry={plugin.askAgain} />;
  if (!plugin.data) return <Skeleton lines={4} label={t("loading")} />;
  return (
    <div className="panel" data-testid={`panel-${id}`}>
      <Findings plugin={plugin.data} />
      <Silences plugin={plugin.data} />
      <p className="panel-ways">
        <Button onClick={() => onOpen(id)} data-testid={`open-${id}`}>{t("panel.open")}</Button>
        <Way to={incidentsAddress({ plugin: id })} testId={`incidents-${id}`}>{t("plugin.incidents")}</Way>
        <button type="button" className="link" onClick={() => onShowHistory(id)}>{t("panel.history")}</button>
      </p>
    </div>
  );
}
