"use client";

import { lazy, Suspense } from "react";
import { Icon, type IconName } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import { useNow } from "@/lib/now";
import { useFleet, useHealth } from "@/lib/queries";
import { fleetVerdict, silentSeconds, type FleetState, type FleetVerdict } from "@/lib/verdict";

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
  const now = useNow();
  const verdict = fleetVerdict(fleet.data, health.data, !fleet.failed, now);
  return (
    <div className={`verdict verdict-${verdict.state}`} data-state={verdict.state}>
      <h1 data-testid="verdict-sentence">
        <Icon name={ICONS[verdict.state]} size={28} />
        <span role="status">{t(`verdict.${verdict.state}`, { n: verdict.count })}</span>
      </h1>
      <Reason verdict={verdict} onSelect={onSelect} silent={silentSeconds(health.data, now)} age={fleet.updatedAt ? (now - fleet.updatedAt) / 1000 : null} />
    </div>
  );
}

interface ReasonProps {
  verdict: FleetVerdict;
  onSelect: (plugin: string) => void;
  silent: number;
  age: number | null;
}

function Reason({ verdict, onSelect, silent, age }: ReasonProps) {
  const { t, format } = useLanguage();
  switch (verdict.state) {
    case "ok":
      return <p>{t("verdict.ok.why")}</p>;
    case "disconnected":
      return <p>{age === null ? t("verdict.disconnected.nothing") : t("verdict.disconnected.why", { age: format.duration(age) })}</p>;
    case "stopped":
      return <p>{t("verdict.stopped.why", { age: format.duration(silent) })}</p>;
    case "starting":
      return <p>{t("verdict.starting.why")}</p>;
    case "empty":
      return <Suspense fallback={null}><DoctorAnswers question="dashboard_empty" /></Suspense>;
    default:
      return <Named verdict={verdict} onSelect={onSelect} />;
  }
}

function Named({ verdict, onSelect }: Pick<ReasonProps, "verdict" | "onSelect">) {
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
