"use client";

import { memo } from "react";
import { Icon } from "@/components/ui/Icon";
import { StatusMark } from "@/components/optimization/StatusMark";
import type { FleetGroup } from "@/lib/fleetTypes";
import { useLanguage } from "@/lib/i18n/context";
import { HEALTHS } from "@/lib/listView";
import { COLUMNS } from "./ColumnHeads";

interface Props {
  line: number;
  /** What the list is grouped by: `touchpoint` or `label:key`. */
  by: string;
  group: FleetGroup;
  open: boolean;
  tabStop: boolean;
  onToggle: (value: string) => void;
}

/** A group in one line: how many plugins it has, and how many of them are not well. */
export const GroupHead = memo(function GroupHead({ line, by, group, open, tabStop, onToggle }: Props) {
  const { t, format } = useLanguage();
  const value = group.value || t("list.without", { label: by.replace("label:", "") });
  const told = HEALTHS.filter((health) => health !== "ok" && group.health[health] > 0);
  return (
    <tr role="row" className="group-head" data-line={line} aria-rowindex={line + 2} data-testid={`group-${group.value}`} onClick={() => onToggle(group.value)}>
      <th role="rowheader" scope="rowgroup" colSpan={COLUMNS.length}>
        <button
          type="button" className="plugin-name" aria-expanded={open} tabIndex={tabStop ? 0 : -1}
          onClick={(event) => { event.stopPropagation(); onToggle(group.value); }}
        >
          <Icon name="down" size={14} /> {value}
        </button>
        <span className="group-counts">
          <span className="muted">{t("list.plugins", { n: group.total, count: format.number(group.total) })}</span>
          {told.map((health) => <span key={health} className="group-count"><StatusMark health={health} stale={false} /> {format.number(group.health[health])}</span>)}
          {told.length === 0 && <StatusMark health="ok" stale={false} />}
        </span>
      </th>
    </tr>
  );
});
