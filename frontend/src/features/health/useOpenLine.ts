"use client";

import { useCallback, useState } from "react";
import type { ListView } from "@/lib/listView";
import { queryOf, usePluginPage } from "@/lib/pluginPages";

/**
 * Say on which line of the list the selected plugin is open. One that was pressed opens where it stands; one that the
 * address names opens where it stands on the first page; any other is pinned on top, for its place is not known.
 */
export function useOpenLine(list: ListView, selected: string | null, onSelect: (id: string | null) => void, held: () => boolean) {
  const [pressed, setPressed] = useState<{ id: string; line: number } | null>(null);
  const first = usePluginPage(queryOf(list), 0, held, !list.group);
  const place = list.group ? -1 : (first.data?.rows ?? []).findIndex((plugin) => plugin.plugin_id === selected);
  const openLine = selected === null ? null : pressed?.id === selected ? pressed.line : place >= 0 ? place : null;
  const open = useCallback(
    (id: string, line: number, isOpen: boolean) => {
      setPressed(isOpen ? null : { id, line });
      onSelect(isOpen ? null : id);
    },
    [onSelect],
  );
  return { openLine, pinned: selected !== null && openLine === null ? selected : null, open };
}
