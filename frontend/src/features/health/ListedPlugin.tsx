"use client";

import { useEffect, useState, type ReactNode } from "react";
import type { PluginQuery } from "@/lib/api";
import { PAGE_ROWS, usePluginPage } from "@/lib/pluginPages";
import { PluginRow } from "./PluginRow";

const SETTLED_MS = 90; // rows that a fast scroll only passes ask for nothing

interface Props {
  line: number;
  /** Which one of its query it is. */
  place: number;
  query: PluginQuery;
  held: () => boolean;
  tabStop: boolean;
  /** The plugin that is open on this line, if one is. */
  opened: string | null;
  onOpen: (id: string, line: number, isOpen: boolean) => void;
  panel: (id: string) => ReactNode;
}

/** A plugin by its place in a list; a blank row until its page has come. */
export function ListedPlugin({ line, place, query, held, tabStop, opened, onOpen, panel }: Props) {
  const settled = useSettled(place < PAGE_ROWS);
  const page = usePluginPage(query, Math.floor(place / PAGE_ROWS), held, settled);
  const plugin = page.data?.rows[place % PAGE_ROWS];
  return (
    <PluginRow
      plugin={plugin} line={line} tabStop={tabStop} open={plugin !== undefined && plugin.plugin_id === opened} onOpen={onOpen} panel={panel}
    />
  );
}

function useSettled(atOnce: boolean): boolean {
  const [settled, setSettled] = useState(atOnce);
  useEffect(() => {
    if (settled) return;
    const timer = setTimeout(() => setSettled(true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [settled]);
  return settled;
}
