"use client";

import { lazy, Suspense } from "react";
import { Icon, type IconName } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import { useFromNow } from "@/lib/now";
import { useFleet, useHealth } from "@/lib/queries";
import { fleetVerdict, isStopped, silentSeconds, type FleetState, type FleetVerdict } from "@/lib/verdict";

const DoctorAnswers = lazy(() => import("@/components/optimization/DoctorAnswers"));

const ICONS: Record<FleetState, IconName> = {
  ok: "ok", warning: "warning", critical: "alert", unknown: "unknown",
  empty: "unknown", stopped: "clock", starting: "clock", disconnected: "unknown",
};
const NAMED_AT_MOST = 4;

/** Is everything all right? One sentence, an icon and a colour; what it rests on stands below it. */
export function VerdictSentence({ onSelect }: { onSelect: (plugin: string) => void }) {
  const { t } = useLanguage();
  const fleet = useFleet();
  const health = useHealth();
  const stopped = useFromNow((now) => isStopped(health.data, now));
  const verdict = fleetVerdict(fleet.data, health.data, !fleet.failed, stopped);
  return (
    <div className={`verdict verdict-${verdict.state}`} data-state={verdict.state}>
      <h1 data-testid="verdict-sentence">
        <Icon name={ICONS[verdict.state]} size={28} />
        <span role="status">{t(`verdict.${verdict.state}`, { n: verdict.count })}</span>
      </h1>
      <Reason verdict={verdict} onSelect={onSelect} />
    </div>
  );
}

interface ReasonProps {
  verdict: FleetVerdict;
  onSelect: (plugin: string) => void;
}

function Reason({ verdict, onSelect }: ReasonProps) {
  const { t } = useLanguage();
  switch (verdict.state) {
    case "ok":
      return <p>{t("verdict.ok.why")}</p>;
    case "disconnected":
      return <Disconnected />;
    case "stopped":
      return <Stopped />;
    case "starting":
      return <p>{t("verdict.starting.why")}</p>;
    case "empty":
      return <Suspense fallback={null}><DoctorAnswers question="dashboard_empty" /></Suspense>;
    default:
      return <Named verdict={verdict} onSelect={onSelect} />;
  }
}

function Disconnected() {
  const { t, format } = useLanguage();
  const { updatedAt } = useFleet();
  const age = useFromNow((now) => (updatedAt ? format.duration((now - updatedAt) / 1000) : ""));
  return <p>{age ? t("verdict.disconnected.why", { age }) : t("verdict.disconnected.nothing")}</p>;
}

function Stopped() {
  const { t, format } = useLanguage();
  const health = useHealth();
  const age = useFromNow((now) => format.duration(silentSeconds(health.data, now)));
  return <p>{t("verdict.stopped.why", { age })}</p>;
}

function Named({ verdict, onSelect }: ReasonProps) {
  const { t } = useLanguage();
  const named = verdict.named.slice(0, NAMED_AT_MOST);
  const more = verdict.count - named.length;
  return (
    <ul className="verdict-names">
      {named.map((plugin) => (
        <li key={plugin.plugin_id}>
          <button type="button" className="link" onClick={() => onSelect(plugin.plugin_id)}>{plugin.plugin_id}</button> {plugin.text ?? t(plugin.stale ? "health.stale" : `health.${plugin.health}`)}
        </li>
      ))}
      {more > 0 && <li className="muted">{t("more", { n: more })}</li>}
    </ul>
  );
}
