/** The addresses that only the pages for administrators ask. */

import { marked, request } from "./api";
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
  findPlugins: (words: string) => request<Plugin[]>("GET", "/plugins", { query: { q: words, limit: "20" } }),
};
