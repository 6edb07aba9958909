"use client";

import { useCallback, useMemo, useSyncExternalStore } from "react";
import { TAB_NAMES, tabNamed, type TabName } from "./tabs";

/** What is looked at, as it stands in the address: it can be pasted to a colleague, and Back steps through it. */
export interface View {
  tab: TabName;
  plugin: string | null;
  execution: string | null;
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
  return {
    tab: execution ? "history" : tabNamed(query.get("tab")),
    plugin: query.get("plugin") || null,
    execution,
  };
}

export function viewAddress(view: View): string {
  const query = new URLSearchParams();
  if (view.tab !== TAB_NAMES[0]) query.set("tab", view.tab);
  if (view.plugin) query.set("plugin", view.plugin);
  if (view.execution) query.set("execution", view.execution);
  const text = query.toString();
  return text ? `?${text}` : "./";
}

export function useView(): { view: View; show: (change: Partial<View>) => void } {
  const search = useSyncExternalStore(subscribe, () => window.location.search, () => "");
  const view = useMemo(() => parseView(search), [search]);
  const show = useCallback((change: Partial<View>) => {
    const address = viewAddress({ ...parseView(window.location.search), ...change });
    window.history.pushState(null, "", address);
    window.dispatchEvent(new Event(CHANGED));
  }, []);
  return { view, show };
}
