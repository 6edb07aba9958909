"use client";

import { StatusMark } from "@/components/optimization/StatusMark";
import type { HealthCounts } from "@/lib/fleetTypes";
import { useLanguage } from "@/lib/i18n/context";
import { HEALTHS, type ListView } from "@/lib/listView";
import type { Health } from "@/lib/types";

interface Props {
  list: ListView;
  counts: HealthCounts | undefined;
  onChange: (health: readonly Health[]) => void;
}

/** A button for each health that occurs: pressed, only those are listed. */
export function HealthFilter({ list, counts, onChange }: Props) {
  const { t, format } = useLanguage();
  const offered = HEALTHS.filter((health) => (counts?.[health] ?? 0) > 0 || list.health.includes(health));
  const toggle = (health: Health) => (list.health.includes(health) ? list.health.filter((one) => one !== health) : [...list.health, health]);
  return (
    <div className="health-filter" role="group" aria-label={t("column.health")}>
      {offered.map((health) => (
        <button
          key={health} type="button" className="chip" aria-pressed={list.health.includes(health)} data-testid={`filter-${health}`}
          onClick={() => onChange(toggle(health))}
        >
          <StatusMark health={health} stale={false} /> {format.number(counts?.[health])}
        </button>
      ))}
    </div>
  );
}
