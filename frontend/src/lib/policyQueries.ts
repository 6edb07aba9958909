"use client";

import { administration } from "./administration";
import type { Marked } from "./laterApi";
import { useLanguage } from "./i18n/context";
import type { Policies, Policy, PolicyView, Preview } from "./policyTypes";
import { useQueryClient } from "./query/client";
import { useAnswer } from "./query/useAnswer";
import { useMutation } from "./query/useMutation";
import type { Plugin } from "./types";

const LOOK_MS = 700; // at a preview that is being computed

export function usePolicies() {
  const { lang } = useLanguage();
  return useAnswer<Policies>({ queryKey: ["policies", lang], queryFn: administration.policies, keepPrevious: true });
}

/** The policy of a target; of a group that is yet to be made there is none to ask for. */
export function usePolicy(target: string) {
  const enabled = !target.endsWith(":");
  return useAnswer<Marked<PolicyView>>({ queryKey: ["policy", target], queryFn: () => administration.policy(target), enabled });
}

export function useSavePolicy(target: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ changes, etag }: { changes: Policy; etag: string }) => administration.changePolicy(target, changes, etag),
    onSuccess: (saved) => queries.setQueryData(["policy", target], saved),
    onSettled: () => queries.invalidateQueries(),
  });
}

/** The previews that are known: one that is being computed is found again after a reload, and by somebody else. */
export function usePreviews(): readonly Preview[] {
  return useAnswer<Preview[]>({ queryKey: ["previews"], queryFn: administration.previews }).data ?? [];
}

export function usePreview(id: string | null): Preview | undefined {
  const { lang } = useLanguage();
  const queryKey = ["preview", id, lang];
  const known = useQueryClient().entry(queryKey).shown().data as Preview | undefined;
  const over = known !== undefined && known.state !== "running";
  return useAnswer<Preview>({
    queryKey, queryFn: () => administration.previewOf(id ?? ""), enabled: id !== null, keepPrevious: true,
    staleTime: over ? Infinity : undefined, refetchInterval: over ? false : LOOK_MS,
  }).data;
}

export function useStartPreview(target: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ changes, days }: { changes: Policy; days: number }) => administration.preview(target, changes, days),
    onSettled: () => queries.invalidateQueries({ queryKey: ["previews"] }),
  });
}

export function useCancelPreview() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: administration.cancelPreview,
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("preview") }),
  });
}

export function useFoundPlugins(words: string): readonly Plugin[] {
  return useAnswer<Plugin[]>({ queryKey: ["found", words], queryFn: () => administration.findPlugins(words), keepPrevious: true }).data ?? [];
}
