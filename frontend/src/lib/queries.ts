"use client";

/** What the first screen asks for. What only a further view needs stands in files of its own, which load with it. */

import { keepPreviousData, QueryCache, QueryClient, useQuery } from "@tanstack/react-query";
import { api, ApiError, type Counted } from "./api";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./answer";
import type { EmergencyStop, Execution, Plugin, ServerHealth, Session, Suggestion } from "./types";

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

export const NEEDING_PAGE = 50;

/** What waits for a person, however long ago it was given up, and how many of them there are in all. */
export function useNeeding(limit = NEEDING_PAGE) {
  const { lang } = useLanguage();
  const query = useQuery({ queryKey: ["needing", lang, limit], queryFn: () => api.needing(limit), placeholderData: keepPreviousData });
  return { ...useAnswer<Counted<Execution>>(query), fetching: query.isPlaceholderData };
}

/** The newest executions: what runs, what ended a moment ago. The history tab asks page by page. */
export function useRecentRuns() {
  const { lang } = useLanguage();
  return useAnswer<Execution[]>(useQuery({ queryKey: ["recent", lang], queryFn: () => api.history(), placeholderData: keepPreviousData }));
}

export function useEmergencyStop() {
  return useAnswer<EmergencyStop>(useQuery({ queryKey: ["emergency-stop"], queryFn: api.emergencyStop }));
}
