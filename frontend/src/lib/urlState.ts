"use client";

import { useCallback, useMemo, useSyncExternalStore } from "react";
import { parseList, writeList, type ListView } from "./listView";
import { parseSearch, writeSearch, type HistorySearch } from "./historySearch";
import { TAB_NAMES, tabNamed, type TabName } from "./tabs";

/** What is looked at, as it stands in the address: it can be pasted to a colleague, and Back steps through it. */
export interface View {
  tab: TabName;
  plugin: string | null;
  /** The plugin whose page is shown; what that page shows stands in the address, too (`features/plugin/pageState.ts`). */
  page: string | null;
  execution: string | null;
  list: ListView;
  /** What a page's list is narrowed to, in the page's own words. */
  filter?: string | null;
  /** What of the history is looked at. */
  search?: HistorySearch;
}

const CHANGED = "po-view-changed";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export function parseView(search: string): View {
  const query = new URLSearchParams(search);
  const execution = query.get("execution") || null;
  const tab = execution ? "history" : tabNamed(query.get("tab"));
  const asked = tab === "history" ? parseSearch(query) : undefined;
  return {
    tab,
    plugin: query.get("plugin") || null,
    page: query.get("page") || null,
    execution,
    list: parseList(query),
    ...(query.get("filter") && { filter: query.get("filter") }),
    ...(asked && { search: asked }),
  };
}

export function viewAddress(view: View): string {
  const query = new URLSearchParams();
  if (view.tab !== TAB_NAMES[0]) query.set("tab", view.tab);
  if (view.plugin) query.set("plugin", view.plugin);
  if (view.page) query.set("page", view.page);
  if (view.execution) query.set("execution", view.execution);
  writeList(query, view.list);
  if (view.filter) query.set("filter", view.filter);
  if (view.tab === "history" && view.search) writeSearch(query, view.search);
  const text = query.toString();
  return text ? `?${text}` : "./";
}

export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => window.location.search, () => "");
}

/** `here` stays at the same step of the browser's history: for what changes with each letter typed. */
export type Step = "next" | "here";

/** Go to an address of the dashboard. */
export function go(address: string, step: Step = "next"): void {
  if (step === "here") window.history.replaceState(null, "", address);
  else window.history.pushState(null, "", address);
  window.dispatchEvent(new Event(CHANGED));
}

export type Show = (change: Partial<View>, step?: Step) => void;

export function useView(): { view: View; show: Show } {
  const search = useSearch();
  const view = useMemo(() => parseView(search), [search]);
  const show = useCallback<Show>((change, step) => {
    go(viewAddress({ ...parseView(window.location.search), ...change }), step);
  }, []);
  return { view, show };
}
