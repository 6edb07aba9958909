"use client";

import { administration } from "./administration";
import { useLanguage } from "./i18n/context";
import type { Dispatch, NotificationChannels, NotificationTrial, Rehearsal } from "./notificationTypes";
import { useQueryClient } from "./query/client";
import { useAnswer } from "./query/useAnswer";
import { useMutation } from "./query/useMutation";
import { usePages } from "./query/usePages";

const PAGE = 25;
const LOOK_MS = 5_000; // delivering changes nothing that the event stream tells of

export function useChannels() {
  const { lang } = useLanguage();
  return useAnswer<NotificationChannels>({
    queryKey: ["notification-channels", lang], queryFn: administration.channels, keepPrevious: true, refetchInterval: LOOK_MS,
  });
}

export function useOutbox(state: string, channel: string) {
  const { lang } = useLanguage();
  return usePages<Dispatch>({
    queryKey: ["notification-outbox", lang, state, channel],
    queryFn: (after) => administration.outbox({ state, channel, after, limit: String(PAGE) }),
    next: (page) => (page.length < PAGE ? undefined : page.at(-1)?.id),
  });
}

/** Counted from the audit, which takes a moment: asked when the page is opened, and when somebody asks for other days. */
export function useRehearsal(days: number) {
  return useAnswer<Rehearsal>({
    queryKey: ["notification-preview", days], queryFn: () => administration.rehearsal(days),
    keepPrevious: true, staleTime: 60_000, refetchInterval: false,
  });
}

export function useTrial() {
  return useMutation<string, NotificationTrial>({ mutationFn: administration.tryChannel });
}

export function useRetryDispatch() {
  const queries = useQueryClient();
  return useMutation<string, Dispatch>({
    mutationFn: administration.retryDispatch,
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("notification") }),
  });
}
