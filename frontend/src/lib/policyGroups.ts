"use client";

import { useEffect, useState } from "react";
import { request } from "./api";
import { marked, type Marked } from "./laterApi";
import type { Consequences, GroupRule, PluginGroup } from "./policyGroupTypes";
import type { Policy } from "./policyTypes";
import { useQueryClient } from "./query/client";
import { useAnswer } from "./query/useAnswer";
import { useMutation } from "./query/useMutation";

const PREFIX = "group:"; // no plugin id holds a colon
const TYPING_MS = 300;

export const groupTarget = (name: string): string => PREFIX + name;
export const groupOf = (target: string): string | null => (target.startsWith(PREFIX) ? target.slice(PREFIX.length) : null);

const path = (name: string) => `/plugin-groups/${encodeURIComponent(name)}`;

export function usePluginGroups(): readonly PluginGroup[] {
  return useAnswer<PluginGroup[]>({ queryKey: ["plugin-groups"], queryFn: () => request<PluginGroup[]>("GET", "/plugin-groups") }).data ?? [];
}

export function usePluginGroup(name: string) {
  return useAnswer<Marked<PluginGroup>>({ queryKey: ["plugin-group", name], queryFn: () => marked<PluginGroup>("GET", path(name)) });
}

export function useSaveGroup() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, rule, etag }: { name: string; rule: GroupRule; etag: string | null }) =>
      request<PluginGroup>("PUT", path(name), { body: rule, headers: etag === null ? {} : { "If-Match": etag } }),
    onSettled: () => queries.invalidateQueries(),
  });
}

/** `onGone` leaves the page of the group before everything is asked anew: there is nothing to ask of it any more. */
export function useRemoveGroup(onGone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    onSuccess: onGone,
    mutationFn: ({ name, etag }: { name: string; etag: string }) => request<unknown>("DELETE", path(name), { headers: { "If-Match": etag } }),
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => !["plugin-group", "policy"].includes(String(queryKey[0])) }),
  });
}

/** What saving these changes of a policy would mean right now; asked once the typing pauses. Undefined: not known. */
export function usePolicyConsequences(target: string, given: Policy): Consequences | undefined {
  return useConsequences(`/policies/${encodeURIComponent(target)}/consequences`, Object.keys(given).length > 0 ? given : null);
}

/** What making or changing a group would mean; null: nothing to ask yet. */
export function useGroupConsequences(name: string, rule: GroupRule | null): Consequences | undefined {
  return useConsequences(`${path(name)}/consequences`, rule);
}

function useConsequences(address: string, body: object | null): Consequences | undefined {
  const written = useSettled(body === null ? null : JSON.stringify(body));
  const found = useAnswer<Consequences>({
    queryKey: ["consequences", address, written], enabled: written !== null, keepPrevious: true, refetchInterval: false,
    queryFn: () => request<Consequences>("POST", address, { body: JSON.parse(written ?? "{}") as object }),
  });
  return body === null || found.failed ? undefined : found.data;
}

function useSettled(text: string | null): string | null {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
