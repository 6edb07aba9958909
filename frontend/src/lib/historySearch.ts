/** What of the history is looked at, as it stands in the address. */

const NAMES = ["section", "type", "result", "who", "from", "to", "words"] as const;
export type HistorySearch = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

export const RESULTS = ["in_progress", "success", "rolled_back", "failed"] as const;

/** Return what an address asks for; undefined where it asks for nothing. */
export function parseSearch(query: URLSearchParams): HistorySearch | undefined {
  const given = NAMES.flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""] as const] : []));
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

export function writeSearch(query: URLSearchParams, search: HistorySearch): void {
  for (const name of NAMES) if (search[name]) query.set(name, search[name]);
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Return the query of the server. Days are those of the reader's zone; the last one is meant as a whole. */
export function queryOf(search: HistorySearch, pluginId: string | null): Record<string, string | undefined> {
  return {
    plugin_id: pluginId ?? undefined,
    suggestion_type: search.type,
    result: RESULTS.find((result) => result === search.result),
    approved_by: search.who,
    from: midnight(search.from, 0),
    to: midnight(search.to, 1),
    q: search.words,
  };
}

/** Return the beginning of a day of the reader, or of one so many days later; undefined for what is no day. */
export function midnight(day: string | undefined, later: number): string | undefined {
  if (!day || !DAY.test(day)) return undefined;
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const at = new Date(year, month - 1, date + later);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
