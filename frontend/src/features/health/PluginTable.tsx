"use client";

import { useCallback, useRef, type ReactNode } from "react";
import { useLanguage } from "@/lib/i18n/context";
import type { ListView } from "@/lib/listView";
import { queryOf, useGroups } from "@/lib/pluginPages";
import { ColumnHeads, COLUMNS } from "./ColumnHeads";
import { GroupHead } from "./GroupHead";
import { lineAt, lineCount, stretches, type Section } from "./layout";
import { PinnedPlugin } from "./PinnedPlugin";
import { ListedPlugin } from "./ListedPlugin";
import { useOpenLine } from "./useOpenLine";
import { useRoving } from "./useRoving";
import type { useHold } from "./useHold";
import { useWindow } from "./useWindow";

interface Props {
  list: ListView;
  total: number;
  hold: ReturnType<typeof useHold>;
  selected: string | null;
  onSelect: (id: string | null) => void;
  onList: (change: Partial<ListView>) => void;
  panel: (id: string) => ReactNode;
  /** What to say where no plugin is listed. */
  nothing: string;
}

/** The plugins of a list, of which only those in sight are in the page. The roles survive the phone's layout. */
export default function PluginTable({ list, total, hold, selected, onSelect, onList, panel, nothing }: Props) {
  const { t } = useLanguage();
  const body = useRef<HTMLTableSectionElement>(null);
  const groups = useGroups(list, hold.held);
  const sections: readonly Section[] = list.group
    ? (groups.data ?? []).map((group) => ({ group, rows: list.opened.includes(group.value) ? group.total : 0 }))
    : [{ rows: total }];
  const count = lineCount(sections);
  const { openLine, pinned, open } = useOpenLine(list, selected, onSelect, hold.held);
  const shown = useWindow(body);
  const roving = useRoving(body, count);
  const toggle = useCallback(
    (value: string) => onList({ opened: list.opened.includes(value) ? list.opened.filter((one) => one !== value) : [...list.opened, value] }),
    [list, onList],
  );
  const drawn = stretches(count, shown.from, shown.to, [roving.active, openLine ?? -1]);
  return (
    <div
      className="plugin-list card" data-testid="plugin-table"
      onPointerEnter={() => hold.set("pointer", true)} onPointerLeave={() => hold.set("pointer", false)}
      onFocus={() => hold.set("focus", true)} onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && hold.set("focus", false)}
    >
      <table className="plugins" role="table" aria-label={t("plugins.title")} aria-rowcount={count + 1}>
        <ColumnHeads sort={list.sort} onSort={(sort) => onList({ sort })} />
        {pinned && <tbody role="rowgroup" className="pinned"><PinnedPlugin id={pinned} onClose={() => onSelect(null)} panel={panel} /></tbody>}
        <tbody role="rowgroup" ref={body} onKeyDown={roving.onKeyDown}>
          {drawn.map((stretch) => {
            if (!stretch.drawn) return <Room key={`room-${stretch.from}`} px={stretch.lines * shown.row} />;
            const line = lineAt(sections, stretch.line);
            const section = line && sections[line.section];
            if (!line || !section) return null;
            const tabStop = stretch.line === roving.active;
            if (line.kind === "head") {
              return section.group && (
                <GroupHead key={`group-${section.group.value}`} line={stretch.line} by={list.group ?? ""} group={section.group} open={section.rows > 0} tabStop={tabStop} onToggle={toggle} />
              );
            }
            return (
              <ListedPlugin
                key={`${section.group?.value ?? ""}-${line.place}`} line={stretch.line} place={line.place} query={queryOf(list, section.group?.value)}
                held={hold.held} tabStop={tabStop} opened={stretch.line === openLine ? selected : null} onOpen={open} panel={panel}
              />
            );
          })}
        </tbody>
      </table>
      {count === 0 && groups.data !== undefined && <p className="empty list-nothing" data-testid="list-nothing">{nothing}</p>}
      {count === 0 && !list.group && <p className="empty list-nothing" data-testid="list-nothing">{nothing}</p>}
    </div>
  );
}

/** The room of rows that are not drawn. */
function Room({ px }: { px: number }) {
  return <tr role="presentation" className="room"><td colSpan={COLUMNS.length} style={{ height: px }} /></tr>;
}
