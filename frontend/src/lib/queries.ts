"use client";

/** What the first screen asks for. What only a further view needs stands in files of its own, which load with it. */

import { api, ApiError, type Counted } from "./api";
import { useLanguage } from "./i18n/context";
import { QueryClient } from "./query/client";
import { useAnswer } from "./query/useAnswer";
import type { Fleet } from "./fleetTypes";
import type { ServerHealth } from "./healthTypes";
import type { EmergencyStop, Execution, Session, Suggestion } from "./types";

/** A 401 anywhere means that the session is over: ask again who we are, which shows the login. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient((error, query) => {
    if (error instanceof ApiError && error.status === 401 && query.queryKey[0] !== "session") {
      void client.invalidateQueries({ queryKey: ["session"] });
    }
  });
  return client;
}

export function useSession() {
  return useAnswer<Session>({ queryKey: ["session"], queryFn: api.session });
}

export function useHealth() {
  const { lang } = useLanguage();
  return useAnswer<ServerHealth>({ queryKey: ["health", lang], queryFn: api.health, keepPrevious: true });
}

/** The whole in a few numbers: what the verdict rests on, however many plugins there are. */
export function useFleet() {
  const { lang } = useLanguage();
  return useAnswer<Fleet>({ queryKey: ["fleet", lang], queryFn: api.fleet, keepPrevious: true });
}

/** Those of all plugins, or of one. */
export function useSuggestions(plugin?: string) {
  const { lang } = useLanguage();
  return useAnswer<Suggestion[]>({ queryKey: ["suggestions", lang, plugin], queryFn: () => api.suggestions(plugin), keepPrevious: true });
}

export const NEEDING_PAGE = 50;

/** What waits for a person, however long ago it was given up, and how many of them there are in all. */
export function useNeeding(limit = NEEDING_PAGE) {
  const { lang } = useLanguage();
  return useAnswer<Counted<Execution>>({ queryKey: ["needing", lang, limit], queryFn: () => api.needing(limit), keepPrevious: true });
}

/** The newest executions: what runs, what ended a moment ago. The history tab asks page by page. */
export function useRecentRuns() {
  const { lang } = useLanguage();
  return useAnswer<Execution[]>({ queryKey: ["recent", lang], queryFn: () => api.history(), keepPrevious: true });
}

export function useEmergencyStop() {
  return useAnswer<EmergencyStop>({ queryKey: ["emergency-stop"], queryFn: api.emergencyStop });
}

/** Suggestions that may not be executed for a while, because the same change was undone. */
export function useResting() {
  const { lang } = useLanguage();
  return useAnswer<Suggestion[]>({ queryKey: ["resting", lang], queryFn: api.resting, keepPrevious: true });
}
