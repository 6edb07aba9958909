"use client";

/** The list of plugins, a page at a time: only what is looked at is asked for. */

import { api, type Counted, type PluginQuery } from "./api";
import type { FleetGroup } from "./fleetTypes";
import { useLanguage } from "./i18n/context";
import type { ListView } from "./listView";
import { useQueryClient } from "./query/client";
import type { Plugin } from "./types";
import { useAnswer } from "./query/useAnswer";

export const PAGE_ROWS = 50; // as many names as fit into an address, which a held page is asked by

export type PluginPage = Counted<Plugin>;

/** What the server is asked for a list; a group's plugins are those of the list with one filter more. */
export function queryOf(list: ListView, group?: string): PluginQuery {
  const query: PluginQuery = {
    q: list.search.trim() || undefined, health: list.health, touchpoint: list.touchpoint ?? undefined, label: list.labels, sort: list.sort,
  };
  if (group === undefined || !list.group) return query;
  if (list.group === "touchpoint") return { ...query, touchpoint: group };
  return { ...query, label: [...list.labels, `${list.group.replace("label:", "")}=${group}`] };
}

/**
 * Read one page of a list. While the order is held, the very same plugins are asked for in place of those that would
 * stand there by now: figures stay live, and nothing moves away from under the pointer.
 */
export function usePluginPage(query: PluginQuery, page: number, held: () => boolean, enabled: boolean) {
  const { lang } = useLanguage();
  const queries = useQueryClient();
  const queryKey = ["plugins", lang, query, page];
  const known = (): PluginPage | undefined => {
    const shown = held() ? (queries.entry(queryKey).shown().data as PluginPage | undefined) : undefined;
    return shown?.rows.length ? shown : undefined;
  };
  const ask = async (): Promise<PluginPage> => {
    const asked = known();
    const came = await api.plugins(
      asked ? { plugin_id: asked.rows.map((row) => row.plugin_id), limit: String(PAGE_ROWS) } : { ...query, offset: String(page * PAGE_ROWS), limit: String(PAGE_ROWS) },
    );
    if (asked) return inOrder(asked, came, asked.total);
    const pointed = known(); // somebody came to point at the list while the answer was on its way
    return pointed ? inOrder(pointed, came, came.total) : came;
  };
  return useAnswer<PluginPage>({ queryKey, queryFn: ask, enabled });
}

/** Return the rows that are shown, each as it came anew if it did. */
function inOrder({ rows }: PluginPage, came: PluginPage, total: number): PluginPage {
  const fresh = new Map(came.rows.map((row) => [row.plugin_id, row]));
  return { rows: rows.map((row) => fresh.get(row.plugin_id) ?? row), total };
}

export function useGroups(list: ListView, held: () => boolean) {
  const { lang } = useLanguage();
  const queries = useQueryClient();
  const filter = { ...queryOf(list), sort: undefined };
  const by = list.group ?? "touchpoint";
  const queryKey = ["groups", lang, by, filter];
  const ask = async (): Promise<FleetGroup[]> => {
    const known = held() ? (queries.entry(queryKey).shown().data as FleetGroup[] | undefined) : undefined;
    return known ?? api.groups(by, filter);
  };
  return useAnswer<FleetGroup[]>({ queryKey, queryFn: ask, enabled: list.group !== null });
}

/** One plugin by name, wherever it stands in the list; empty where nobody is called so. */
export function useNamedPlugin(id: string | null) {
  const { lang } = useLanguage();
  return useAnswer<PluginPage>({
    queryKey: ["plugins", lang, "named", id], queryFn: () => api.plugins({ plugin_id: [id ?? ""] }), enabled: id !== null,
  });
}

/** The first names that hold these letters: what an input offers. */
export function useNamesLike(letters: string) {
  const { lang } = useLanguage();
  return useAnswer<PluginPage>({
    queryKey: ["plugins", lang, "like", letters], queryFn: () => api.plugins({ q: letters.trim(), limit: "20" }), keepPrevious: true,
    staleTime: 60_000, refetchInterval: false,
  });
}
