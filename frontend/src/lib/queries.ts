"use client";

import {
  keepPreviousData, QueryCache, QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData,
} from "@tanstack/react-query";
import { useRef } from "react";
import { api, ApiError } from "./api";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./answer";
import { randomKey } from "./randomKey";
import type {
  Doctor, Execution, ExecutionDetail, MetricSeries, Plugin, PluginDetail, ServerHealth, Session, Suggestion,
} from "./types";

const FRESH_MS = 900; // two parts of the page that ask at once share one answer
const SAFETY_POLL_MS = 30_000; // in case the stream is open but silent

/** A 401 anywhere means that the session is over: ask again who we are, which shows the login. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (error instanceof ApiError && error.status === 401 && query.queryKey[0] !== "session") {
          void client.invalidateQueries({ queryKey: ["session"] });
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS, refetchInterval: SAFETY_POLL_MS, retry: false, retryOnMount: false,
        refetchOnWindowFocus: false, networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  return client;
}

export function useSession() {
  return useAnswer<Session>(useQuery({ queryKey: ["session"], queryFn: api.session }));
}

export function useHealth() {
  const { lang } = useLanguage();
  return useAnswer<ServerHealth>(useQuery({ queryKey: ["health", lang], queryFn: api.health, placeholderData: keepPreviousData }));
}

export function usePlugins() {
  const { lang } = useLanguage();
  return useAnswer<Plugin[]>(useQuery({ queryKey: ["plugins", lang], queryFn: api.plugins, placeholderData: keepPreviousData }));
}

export function useSuggestions() {
  const { lang } = useLanguage();
  return useAnswer<Suggestion[]>(useQuery({ queryKey: ["suggestions", lang], queryFn: api.suggestions, placeholderData: keepPreviousData }));
}

export function usePlugin(id: string) {
  const { lang } = useLanguage();
  return useAnswer<PluginDetail>(useQuery({ queryKey: ["plugin", id, lang], queryFn: () => api.plugin(id) }));
}

export function useMetrics(id: string, metric: string) {
  const { lang } = useLanguage();
  return useAnswer<MetricSeries>(useQuery({ queryKey: ["metrics", id, metric, lang], queryFn: () => api.metrics(id, metric) }));
}

export function useExecution(id: string) {
  const { lang } = useLanguage();
  return useAnswer<ExecutionDetail>(useQuery({ queryKey: ["execution", id, lang], queryFn: () => api.execution(id) }));
}

export function useDoctor(enabled: boolean, pluginId?: string) {
  const { lang } = useLanguage();
  return useAnswer<Doctor>(useQuery({ queryKey: ["doctor", pluginId, lang], queryFn: () => api.doctor(pluginId), enabled }));
}

const PAGE = 50;

export function useHistory(pluginId: string | null) {
  const { lang } = useLanguage();
  const query = useInfiniteQuery({
    queryKey: ["history", pluginId, lang],
    queryFn: ({ pageParam }) => api.history(pluginId ?? undefined, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Execution[]) => (page.length < PAGE ? undefined : page.at(-1)?.id),
    placeholderData: keepPreviousData,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return { ...useAnswer<InfiniteData<Execution[]>>(query), hasMore: hasNextPage, fetchingMore: isFetchingNextPage, fetchMore: () => void fetchNextPage() };
}

function useDeed<Input, Output>(deed: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: deed, onSettled: () => queries.invalidateQueries() });
}

/**
 * Execute a suggestion once. React's state is too late for a double click, so a ref is the latch; each attempt has its
 * own Idempotency-Key, so that a failed attempt is not replayed for ever.
 */
export function useExecute(suggestion: Suggestion) {
  const deed = useDeed((key: string) => api.execute(suggestion.id, suggestion.revision, key));
  const running = useRef(false);
  const execute = (): Promise<boolean> => {
    if (running.current) return Promise.resolve(false);
    running.current = true;
    return deed.mutateAsync(randomKey()).then(() => true, () => false).finally(() => (running.current = false));
  };
  return { execute, pending: deed.isPending, error: deed.error, reset: deed.reset };
}

/** `onDone` is called before the list is asked for again: by then the card that asked may be gone. */
export function useDismiss(suggestionId: string, onDone: () => void) {
  return useDeed((reason: string) => api.dismiss(suggestionId, reason).then(onDone));
}

export function useUndoDismiss() {
  return useDeed((suggestionId: string) => api.undoDismiss(suggestionId));
}

export function useRollBack(executionId: string) {
  return useDeed(() => api.rollBack(executionId));
}

export function useCancel(executionId: string) {
  return useDeed(() => api.cancel(executionId));
}

export function useLogIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (login: { username: string; password: string }) => api.logIn(login.username, login.password),
    onSuccess: (session) => {
      queries.setQueryData(["session"], session);
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    },
  });
}

export function useLogOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: api.logOut,
    onSuccess: () => {
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      return queries.invalidateQueries({ queryKey: ["session"] });
    },
  });
}
