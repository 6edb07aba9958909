"use client";

import { useLanguage } from "@/lib/i18n/context";
import { useFromNow } from "@/lib/now";
import { useFleet, useHealth, useNeeding, useRecentRuns, useSuggestions } from "@/lib/queries";
import { isStopped } from "@/lib/verdict";

/** The four numbers below the verdict. What could not be asked for, or is not measured any more, is "–", never 0. */
export function FourNumbers() {
  const { t, format } = useLanguage();
  const fleet = useFleet();
  const suggestions = useSuggestions();
  const recent = useRecentRuns();
  const runs = recent.failed ? undefined : recent.data;
  const known = fleet.failed ? undefined : fleet.data;
  const listed = suggestions.failed ? undefined : suggestions.data?.filter((suggestion) => suggestion.state === "open");
  const executable = listed && listed.length === known?.open_suggestions ? listed.filter((s) => s.executable).length : undefined;
  const health = useHealth();
  const healthy = useFromNow((now) => isStopped(health.data, now)) ? undefined : known?.health.ok;
  const proven = runs?.filter((run) => run.state === "succeeded" && run.verdict?.outcome === "better").length;
  const waiting = useNeeding();
  const needing = waiting.failed ? 0 : (waiting.data?.total ?? 0);
  const undone = runs?.filter((run) => run.state === "rolled_back").length;
  return (
    <dl className="numbers">
      <Figure name={t("numbers.healthy")} value={healthy} of={known && t("numbers.of", { n: format.number(known.total) })} />
      <Figure name={t("numbers.open")} value={known?.open_suggestions} of={executable === undefined ? undefined : t("numbers.executable", { n: executable })} />
      <Figure
        name={t("numbers.running")} value={known?.running}
        of={needing > 0 ? t("numbers.needYou", { n: needing }) : undefined} urgent
      />
      <Figure name={t("numbers.proven")} value={proven} of={undone === undefined ? undefined : t("numbers.undone", { n: undone })} />
    </dl>
  );
}

function Figure({ name, value, of, urgent = false }: { name: string; value: number | undefined; of?: string; urgent?: boolean }) {
  const { format } = useLanguage();
  return (
    <div>
      <dt>{name}</dt>
      <dd><span className="numbers-value">{format.number(value)}</span>{of && <span className={urgent ? "tone-critical" : "muted"}> {of}</span>}</dd>
    </div>
  );
}
