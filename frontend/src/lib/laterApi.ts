/** The addresses of the server that are asked once something is opened: they do not weigh on the first load. */

import { address, content, counted, type Query, request, type RequestOptions, send } from "./api";
import type { AuditCheck, AuditEntry, AuditFilter } from "./auditTypes";
import type { Doctor } from "./healthTypes";
import type { CalibrationKind, TrackRecord } from "./trackRecordTypes";
import type { Execution, ExecutionDetail, PluginDetail } from "./types";

export const laterApi = {
  /** Tell whether the server answers at all, whoever we are; it is no sign that somebody is there. */
  answers: () =>
    send("GET", "/session", { headers: { "X-Unattended": "1" } }).then((response) => response.status < 500, () => false),
  doctor: (pluginId?: string) => request<Doctor>("GET", "/doctor", { query: { plugin_id: pluginId } }),
  plugin: (id: string) => request<PluginDetail>("GET", `/plugins/${encodeURIComponent(id)}`),
  historyCount: async (query: Query) => (await counted<Execution>("/history", { ...query, limit: "1" })).total,
  trackRecord: (query: Query) => request<TrackRecord>("GET", "/track-record", { query }),
  calibration: (pluginId?: string) => request<{ kinds: CalibrationKind[] }>("GET", "/calibration", { query: { plugin_id: pluginId, limit: "1" } }),
  course: (id: string, metric: string, from: string, to?: string) =>
    request<{ series: Record<string, [string, number | null][]> }>("GET", `/plugins/${encodeURIComponent(id)}/metrics`, { query: { metric, from, to, points: "160" } }),
  execution: (id: string) => request<ExecutionDetail>("GET", `/executions/${id}`),
  audit: (limit: number, before?: string, filter: AuditFilter = {}) =>
    request<AuditEntry[]>("GET", "/audit", { query: { limit: String(limit), before, ...filter } }),
  auditCheck: () => request<AuditCheck>("GET", "/audit/verification"),
};

export function exportUrl(of: "history" | "audit" | "incidents/past", format: "csv" | "json", filter: object = {}): string {
  return address(`/${of}.${format}`, { ...filter });
}

/** What was read, and the mark of that very state, which a change of it has to send back. */
export interface Marked<T> {
  value: T;
  etag: string;
}

export async function marked<T>(method: string, path: string, options: RequestOptions = {}): Promise<Marked<T>> {
  const response = await send(method, path, options);
  return { value: await content<T>(response), etag: response.headers.get("ETag") ?? "" };
}
