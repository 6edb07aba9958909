"use client";

import { lazy, Suspense } from "react";
import { Icon, type IconName } from "@/components/ui/Icon";
import { Skeleton } from "@/components/ui/Skeleton";
import { NoProblem } from "@/components/optimization/NoProblem";
import { Way } from "@/components/optimization/Way";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { useFeedbackWords } from "@/lib/incidentPages";
import { isOver, stretchAround, unusualIn, wordOn, type AnyIncident } from "@/lib/incidents";
import { useFromNow } from "@/lib/now";
import type { Severity } from "@/lib/types";
import { pluginAddress } from "@/lib/ways";
import { Ways } from "./Ways";
import { useWhy } from "./why";

const IncidentDetail = lazy(() => import("./IncidentDetail"));

const ICONS: Record<Severity, IconName> = { critical: "alert", warning: "warning", info: "unknown" };
const NAMED = 3;

/** One thing that is or was wrong: what and why in one sentence, how bad, since when, and what leads on. */
export function IncidentRow({ incident, open, onToggle }: { incident: AnyIncident; open: boolean; onToggle: () => void }) {
  const { t, format } = useLanguage();
  const why = useWhy();
  const over = isOver(incident);
  const [first] = incident.parts;
  const isRecent = useFromNow((now) => first !== undefined && unusualIn(first, now) !== null);
  const unusual = first && isRecent ? unusualIn(first, 0) : null;
  const words = useFeedbackWords().data ?? [];
  const stretch = (now: number) => stretchAround(incident.since, over ? incident.until : null, now);
  const until = useFromNow((now) => (over ? stretch(now).to : 0));
  const more = incident.plugin_ids.length - NAMED;
  return (
    <li className="card history-row incident-row" data-testid={`incident-${incident.id}`} data-severity={incident.severity}>
      <div className="history-when">
        <When at={incident.since} />
        <span className={over ? "muted" : "incident-on"}>{over ? t("incidents.lasted", { span: format.duration(incident.duration_seconds) }) : t("incidents.still")}</span>
      </div>
      <div className="incident-what">
        <p className="suggestion-plugin">
          <span className={`severity incident-severity tone-${incident.severity}`}><Icon name={ICONS[incident.severity]} size={14} /> {t(`incidents.is.${incident.severity}`)}</span>
          {incident.plugin_ids.slice(0, NAMED).map((id) => <Way key={id} to={pluginAddress(id, over ? stretch(until) : undefined)}>{id}</Way>)}
          {more > 0 && <span className="muted">{t("more", { n: more })}</span>}
        </p>
        <h3 id={`incident-title-${incident.id}`}>{incident.text} <span className="incident-why" data-testid={`why-${incident.id}`}>– {why(incident)}</span></h3>
        <Ways incident={incident} />
      </div>
      <div className="history-actions">
        {first && unusual && <NoProblem pluginId={first.plugin_id} unusual={unusual} feedback={wordOn(first, words)} about={incident.text} />}
        <button type="button" className="link disclosure" aria-expanded={open} aria-describedby={`incident-title-${incident.id}`} data-testid={`open-incident-${incident.id}`} onClick={onToggle}>
          {t("execution.details")} <Icon name="down" size={13} />
        </button>
      </div>
      {open && <Suspense fallback={<div className="history-detail"><Skeleton lines={6} label={t("loading")} /></div>}><IncidentDetail incident={incident} words={words} /></Suspense>}
    </li>
  );
}
