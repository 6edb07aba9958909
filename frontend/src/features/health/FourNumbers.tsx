"use client";

import { useLanguage } from "@/lib/i18n/context";
import { isFinal } from "@/lib/final";
import { useNow } from "@/lib/now";
import { useHealth, useNeeding, usePlugins, useRecentRuns, useSuggestions } from "@/lib/queries";
import { isStopped, shownHealth } from "@/lib/verdict";
import { MISSING } from "@/lib/format";

/** The four numbers below the verdict. What could not be asked for, or is not measured any more, is "–", never 0. */
export function FourNumbers() {
  const { t } = useLanguage();
  const plugins = usePlugins();
  const suggestions = useSuggestions();
  const recent = useRecentRuns();
  const runs = recent.failed ? undefined : recent.data;
  const known = plugins.failed ? undefined : plugins.data;
  const open = suggestions.failed ? undefined : suggestions.data?.filter((suggestion) => suggestion.state === "open");
  const stopped = isStopped(useHealth().data, useNow());
  const healthy = stopped ? undefined : known?.filter((plugin) => shownHealth(plugin) === "ok").length;
  const proven = runs?.filter((run) => run.state === "succeeded" && run.verdict?.outcome === "better").length;
  const waiting = useNeeding();
  const needing = waiting.failed ? 0 : (waiting.data?.total ?? 0);
  const undone = runs?.filter((run) => run.state === "rolled_back").length;
  return (
    <dl className="numbers">
      <Figure name={t("numbers.healthy")} value={healthy} of={known && t("numbers.of", { n: known.length })} />
      <Figure name={t("numbers.open")} value={open?.length} of={open && t("numbers.executable", { n: open.filter((s) => s.executable).length })} />
      <Figure
        name={t("numbers.running")} value={runs?.filter((run) => !isFinal(run.state)).length}
        of={needing > 0 ? t("numbers.needYou", { n: needing }) : undefined} urgent
      />
      <Figure name={t("numbers.proven")} value={proven} of={undone === undefined ? undefined : t("numbers.undone", { n: undone })} />
    </dl>
  );
}

function Figure({ name, value, of, urgent = false }: { name: string; value: number | undefined; of?: string; urgent?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd><span className="numbers-value">{value ?? MISSING}</span>{of && <span className={urgent ? "tone-critical" : "muted"}> {of}</span>}</dd>
    </div>
  );
}
