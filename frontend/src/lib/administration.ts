/** The addresses that only the pages for administrators ask. */

import type { KnownUser, NewToken, OpenSession, Token, TokenRole } from "./accessTypes";
import { request } from "./api";
import { marked } from "./laterApi";
import type { Dispatch, NotificationChannels, NotificationTrial, Rehearsal } from "./notificationTypes";
import type { Policies, Policy, PolicyView, Preview } from "./policyTypes";
import type { Plugin } from "./types";

const policyPath = (target: string) => `/policies/${encodeURIComponent(target)}`;

export const administration = {
  policies: () => request<Policies>("GET", "/policies"),
  policy: (target: string) => marked<PolicyView>("GET", policyPath(target)),
  changePolicy: (target: string, changes: Policy, etag: string) =>
    marked<PolicyView>("PATCH", policyPath(target), { body: changes, headers: { "If-Match": etag } }),
  preview: (target: string, changes: Policy, days: number) =>
    request<Preview>("POST", `${policyPath(target)}/preview`, { body: { changes, days } }),
  previews: () => request<Preview[]>("GET", "/policy-previews"),
  previewOf: (id: string) => request<Preview>("GET", `/policy-previews/${id}`),
  cancelPreview: (id: string) => request<Preview>("DELETE", `/policy-previews/${id}`),

  tokens: () => request<Token[]>("GET", "/tokens"),
  createToken: (token: { name: string; role: TokenRole; days: number }) => request<NewToken>("POST", "/tokens", { body: token }),
  revokeToken: (name: string) => request<unknown>("DELETE", `/tokens/${encodeURIComponent(name)}`),
  sessions: () => request<OpenSession[]>("GET", "/sessions"),
  endSession: (id: string) => request<unknown>("DELETE", `/sessions/${id}`),
  users: () => request<KnownUser[]>("GET", "/users"),

  findPlugins: (words: string) => request<Plugin[]>("GET", "/plugins", { query: { q: words, limit: "20" } }),

  channels: () => request<NotificationChannels>("GET", "/notifications/channels"),
  tryChannel: (channel: string) => request<NotificationTrial>("POST", "/notifications/test", { body: { channel }, timeoutMs: 45_000 }),
  outbox: (query: Record<string, string | undefined>) => request<Dispatch[]>("GET", "/notifications/outbox", { query }),
  retryDispatch: (id: string) => request<Dispatch>("POST", `/notifications/outbox/${id}/retry`),
  rehearsal: (days: number) => request<Rehearsal>("GET", "/notifications/preview", { query: { days: String(days) }, timeoutMs: 45_000 }),
};
