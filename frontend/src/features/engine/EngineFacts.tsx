"use client";

import type { ReactNode } from "react";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { Cycle, ServerHealth } from "@/lib/healthTypes";

/** The lease, the last turn, our own parts, the data and the stores, each in words. */
export function EngineFacts({ health }: { health: ServerHealth }) {
  const { t } = useLanguage();
  const { runner, last_cycle: cycle, stale_plugins: stale = [], stores = [] } = health;
  return (
    <dl className="card engine-facts" data-testid="engine-facts">
      <Fact name={t("engine.runner")}>
        {runner?.active ? t(runner.here ? "engine.runsHere" : "engine.runs") : t("engine.runsNot")}
        {runner?.holder && <code className="muted small">{runner.holder}</code>}
      </Fact>
      <Fact name={t("engine.turn")}>{cycle ? <Turn cycle={cycle} interval={runner?.interval_seconds} /> : t("engine.noTurn")}</Fact>
      <Fact name={t("engine.parts")}>
        {cycle?.faults?.length
          ? <ul className="plain-list tone-critical">{cycle.faults.map((fault) => <li key={fault.part + fault.error}><strong>{fault.part}</strong>: {fault.error}</li>)}</ul>
          : t("engine.partsWell")}
      </Fact>
      <Fact name={t("engine.data")}>
        {stale.length === 0 ? t("engine.dataFresh") : <><span className="tone-warning">{t("engine.dataStale", { n: stale.length })}</span> {stale.slice(0, 8).join(", ")}</>}
        {cycle?.refusals && cycle.refusals.length > 0 && <Refusals refusals={cycle.refusals} />}
      </Fact>
      <Fact name={t("engine.stores")}><Stores stores={stores} /></Fact>
      <Fact name={t("engine.version")}>{health.version}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

/** A turn that takes most of the time between two turns is on the way to falling behind. */
function Turn({ cycle, interval }: { cycle: Cycle; interval: number | undefined }) {
  const { t, format } = useLanguage();
  const share = interval ? cycle.duration_seconds / interval : null;
  return (
    <>
      <span>{t("engine.turnNumber", { number: format.number(cycle.number, 12) })} <When at={cycle.at} only="relative" /></span>
      <span className={share !== null && share > 0.8 ? "tone-warning" : undefined}>
        {t("engine.took", { duration: format.metric("seconds", cycle.duration_seconds), plugins: format.number(cycle.plugins, 12), samples: format.number(cycle.samples, 12) })}
        {interval && share !== null && <> {t("engine.ofInterval", { interval: format.metric("seconds", interval), share: format.share(share) })}</>}
      </span>
    </>
  );
}

function Refusals({ refusals }: { refusals: NonNullable<Cycle["refusals"]> }) {
  const { t } = useLanguage();
  const count = refusals.reduce((sum, refusal) => sum + refusal.count, 0);
  return (
    <details>
      <summary>{t("engine.refused", { n: count })}</summary>
      <ul className="plain-list small">
        {refusals.map((refusal) => <li key={refusal.plugin_id + refusal.metric + refusal.reason}>{refusal.plugin_id} · {refusal.metric} · {refusal.reason} × {refusal.count}</li>)}
      </ul>
    </details>
  );
}

function Stores({ stores }: { stores: NonNullable<ServerHealth["stores"]> }) {
  const { t, format } = useLanguage();
  return (
    <ul className="plain-list">
      {stores.map((store) => (
        <li key={store.name}>
          {t(`engine.store.${store.name}`)}: {store.kind === "server" ? t("engine.onServer") : store.bytes === null ? t("engine.noStore") : format.metric("bytes", store.bytes)}
        </li>
      ))}
    </ul>
  );
}
