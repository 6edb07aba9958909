/** The addresses of the server that the first screens ask; `laterApi.ts` has those of what is opened later, `administration.ts` those of the pages for administrators, `pluginQueries.ts` those of the page of one plugin. */

import type { Fleet, FleetGroup, PluginSort } from "./fleetTypes";
import type { ServerHealth } from "./healthTypes";
import type { Rehearsal } from "./rehearsalTypes";
import type { SnoozeWish } from "./snoozeTypes";
import type { EmergencyStop, Executed, Execution, Plugin, Session, Suggestion } from "./types";

const DEFAULT_BASE = "/api/plugin-optimization";
const TIMEOUT_MS = 15_000;
const ATTENDED_MS = 60_000; // so long after a key or a pointer somebody is taken to be there

/** What the server (or the way to it) refused. `status` 0 means that no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterSeconds: number | null = null,
    /** What the problem says besides: `errors` at fields, for example. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

let csrfToken: string | null = null;
let language = "ko";

export function speak(lang: string): void {
  language = lang;
}

export function apiBase(): string {
  return document.documentElement.dataset.apiBase || DEFAULT_BASE;
}

let seenAt = Date.now();
for (const sign of ["pointerdown", "keydown"]) globalThis.addEventListener?.(sign, () => (seenAt = Date.now()), { passive: true });

/** What the page asks by itself, with nobody there, must not keep a session alive. */
function isUnattended(method: string): boolean {
  return method === "GET" && Date.now() - seenAt > ATTENDED_MS;
}

export function eventsUrl(): string {
  return `${apiBase()}/events`;
}

export const api = {
  session: async () => remember(await request<Session>("GET", "/session")),
  logIn: async (username: string, password: string) =>
    remember(await request<Session>("POST", "/session", { body: { username, password } })),
  confirm: async (password: string) => remember(await request<Session>("POST", "/session/confirm", { body: { password } })),
  logOut: () => request<unknown>("DELETE", "/session"),

  emergencyStop: () => request<EmergencyStop>("GET", "/emergency-stop"),
  stop: (reason: string) => request<EmergencyStop>("POST", "/emergency-stop", { body: { reason } }),
  arm: () => request<EmergencyStop>("DELETE", "/emergency-stop"),

  health: () => request<ServerHealth>("GET", "/health"),
  fleet: () => request<Fleet>("GET", "/fleet"),
  groups: (by: string, filter: PluginQuery) => request<FleetGroup[]>("GET", "/fleet/groups", { query: { ...filter, by } }),
  plugins: (query: PluginQuery) => counted<Plugin>("/plugins", query),

  suggestions: (plugin?: string) => request<Suggestion[]>("GET", "/suggestions", { query: { plugin_id: plugin, limit: "200" } }),
  suggestion: (id: string) => request<Suggestion>("GET", `/suggestions/${id}`),
  snoozed: () => request<Suggestion[]>("GET", "/suggestions", { query: { state: "snoozed", limit: "200" } }),
  snooze: (id: string, wish: SnoozeWish) => request<unknown>("POST", `/suggestions/${id}/snooze`, { body: wish }),
  wake: (id: string) => request<unknown>("POST", `/suggestions/${id}/wake`),
  rehearse: (id: string, revision: number) => request<Rehearsal>("POST", `/execute/${id}/dry-run`, { body: { revision } }),
  resting: () => request<Suggestion[]>("GET", "/suggestions", { query: { state: "quarantined", limit: "50" } }),
  dismiss: (id: string, reason: string) => request<unknown>("POST", `/suggestions/${id}/dismiss`, { body: { reason } }),
  undoDismiss: (id: string) => request<unknown>("POST", `/suggestions/${id}/undo-dismiss`),
  execute: (id: string, revision: number, key: string) =>
    request<Executed>("POST", `/execute/${id}`, { body: { revision }, headers: { "Idempotency-Key": key } }),

  history: (query: Query = {}) => request<Execution[]>("GET", "/history", { query: { limit: "50", ...query } }),
  needing: (limit: number) => counted<Execution>("/executions", { needs_person: "true", limit: String(limit) }),
  rollBack: (id: string) => request<unknown>("POST", `/executions/${id}/rollback`),
  close: (id: string, note: string, key: string) =>
    request<Execution>("POST", `/executions/${id}/close`, { body: { note }, headers: { "Idempotency-Key": key } }),
  cancel: (id: string) => request<unknown>("POST", `/executions/${id}/cancel`),

};

export type Query = Record<string, string | readonly string[] | undefined>;

/** What `GET /plugins` takes; the filters serve `GET /fleet/groups` as well. */
export interface PluginQuery extends Query {
  q?: string;
  health?: readonly string[];
  touchpoint?: string;
  label?: readonly string[];
  plugin_id?: readonly string[];
  sort?: PluginSort;
  offset?: string;
  limit?: string;
}

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  /** Longer where somebody outside is waited for. */
  timeoutMs?: number;
}

function remember(session: Session): Session {
  csrfToken = session.csrf_token;
  return session;
}

/** A page of a list, and how many there are in all. */
export interface Counted<T> {
  rows: T[];
  total: number;
}

export async function counted<T>(path: string, query: Query): Promise<Counted<T>> {
  const response = await send("GET", path, { query });
  const rows = await content<T[]>(response);
  return { rows, total: Number(response.headers.get("Total-Count") ?? rows.length) };
}

export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  return content<T>(await send(method, path, options));
}

export async function content<T>(response: Response): Promise<T> {
  if (!response.ok) throw await problem(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError(response.status, "not_json", "");
  }
}

export async function send(method: string, path: string, { query = {}, body, headers = {}, timeoutMs = TIMEOUT_MS }: RequestOptions): Promise<Response> {
  const sent: Record<string, string> = { Accept: "application/json", ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  if (isUnattended(method)) sent["X-Unattended"] = "1";
  if (method !== "GET" && csrfToken) sent["X-CSRF-Token"] = csrfToken;
  try {
    return await fetch(address(path, query), {
      method,
      headers: sent,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch {
    throw new ApiError(0, "unreachable", "");
  }
}

export function address(path: string, query: Query): string {
  const parameters = new URLSearchParams({ lang: language });
  for (const [name, given] of Object.entries(query)) {
    for (const value of typeof given === "string" ? [given] : given ?? []) if (value) parameters.append(name, value);
  }
  return `${apiBase()}${path}?${parameters}`;
}

async function problem(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  try {
    const document = (await response.json()) as { code?: string; detail?: string; message?: string; title?: string };
    const text = document.detail || document.message || document.title || "";
    return new ApiError(response.status, document.code ?? "", text, retryAfter, { ...document });
  } catch {
    return new ApiError(response.status, "", "", retryAfter);
  }
}
