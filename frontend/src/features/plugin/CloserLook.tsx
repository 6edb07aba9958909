"use client";

import { useEffect, useState } from "react";
import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { ApiError } from "@/lib/api";
import type { Drill, Segment } from "@/lib/drillTypes";
import { useLanguage } from "@/lib/i18n/context";
import { useDrill } from "@/lib/pluginQueries";
import { lookedAt, withRoom } from "./closer";
import type { Zoom } from "./useZoom";

interface Props {
  pluginId: string;
  metric: string;
  /** The shown stretch, in seconds. */
  from: number;
  to: number;
  zoom: Zoom;
  onFound: (found: Drill | null) => void;
}

/** Where the level of one metric changed, and when it went like this before. What was shown when it was asked for stays what is told. */
export default function CloserLook({ pluginId, metric, from, to, zoom, onFound }: Props) {
  const { t, format } = useLanguage();
  const now = () => lookedAt(from * 1000, Math.min(to * 1000, Date.now()));
  const [asked, setAsked] = useState(now);
  const drill = useDrill(pluginId, metric, asked);
  useEffect(() => {
    onFound(drill.data ?? null);
    return () => onFound(null);
  }, [drill.data, onFound]);
  const missing = drill.failed ? missingOf(drill.error) : null;
  return (
    <div className="closer" data-testid={`closer-${metric}`}>
      {drill.waiting && (
        <div className="closer-wait">
          <p role="status">{t("drill.waiting")}</p>
          <Skeleton lines={2} label={t("loading")} />
        </div>
      )}
      {missing !== null && (
        <Notice tone="neutral" title={t("drill.missing")} testId="drill-missing" action={<Button onClick={drill.askAgain}>{t("drill.installed")}</Button>}>
          <p>{t("drill.missing.how")}</p>
          <code className="closer-line">{missing}</code>
        </Notice>
      )}
      {drill.failed && missing === null && <ErrorNotice error={drill.error} onRetry={drill.askAgain} />}
      {drill.data && <Found drill={drill.data} zoom={zoom} />}
      {(drill.data || drill.failed) && (
        <p className="muted small closer-foot">
          <span>{t("drill.stretch", { from: format.time(new Date(asked.from).toISOString()), to: format.time(new Date(asked.to).toISOString()) })}</span>
          {drill.data && <button type="button" className="link" data-testid={`drill-again-${metric}`} onClick={() => setAsked(now())}>{t("drill.again")}</button>}
        </p>
      )}
    </div>
  );
}

/** Return the line that installs what is missing; null where something else is wrong. */
function missingOf(error: unknown): string | null {
  if (!(error instanceof ApiError) || error.code !== "not_installed") return null;
  return typeof error.members.install === "string" ? error.members.install : error.message;
}

function Found({ drill, zoom }: { drill: Drill; zoom: Zoom }) {
  const { t, format } = useLanguage();
  const steps = drill.segments.filter((segment) => segment.change !== null);
  return (
    <div className="closer-found" role="status">
      <div>
        <h4>{drill.segments.length === 0 ? t("drill.tooLittle") : steps.length === 0 ? t("drill.level.none") : t("drill.level.some", { n: steps.length })}</h4>
        <ol className="closer-list">
          {steps.map((step) => <Step key={step.since} drill={drill} step={step} zoom={zoom} />)}
        </ol>
      </div>
      <div>
        <h4>{drill.shape ? t(drill.alike.length > 0 ? "drill.alike.some" : "drill.alike.none", { n: drill.alike.length }) : t("drill.alike.unknown")}</h4>
        {drill.shape && <p className="muted small">{t("drill.shape", { from: format.clock(drill.shape[0]), to: format.clock(drill.shape[1]) })}</p>}
        <ol className="closer-list">
          {drill.alike.map((each) => (
            <li key={each.since}>
              <When at={each.since} /> <span className="muted">{t("drill.alike.share", { share: format.share(each.correlation) })}</span>{" "}
              <button type="button" className="link" onClick={() => zoom.to(withRoom(each))}>{t("drill.show")}<span className="visually-hidden">: {format.time(each.since)}</span></button>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function Step({ drill, step, zoom }: { drill: Drill; step: Segment; zoom: Zoom }) {
  const { t, format } = useLanguage();
  const before = drill.segments[drill.segments.indexOf(step) - 1]?.level ?? null;
  const show = (value: number | null) => format.metric(drill.metric, value);
  const around = { since: new Date(Date.parse(step.since) - 1_800_000).toISOString(), until: new Date(Date.parse(step.since) + 1_800_000).toISOString() };
  return (
    <li>
      <strong>{show(before)} → {show(step.level)}</strong> <span className="muted">{format.changed(before, step.level, drill.metric)}</span>{" "}
      <When at={step.since} />{" "}
      <button type="button" className="link" onClick={() => zoom.to(withRoom(around))}>{t("drill.show")}<span className="visually-hidden">: {format.time(step.since)}</span></button>
    </li>
  );
}
