"use client";

import { api } from "./api";
import { useDeed } from "./deeds";
import { useLanguage } from "./i18n/context";
import { useAnswer } from "./query/useAnswer";
import { useMutation } from "./query/useMutation";
import type { Rehearsal } from "./rehearsalTypes";
import type { SnoozeWish } from "./snoozeTypes";
import type { Suggestion } from "./types";

/** `onDone` is called before the lists are asked for again: by then the card that asked may be gone. */
export function useSnooze(suggestionId: string, onDone: () => void) {
  return useDeed((wish: SnoozeWish) => api.snooze(suggestionId, wish).then(onDone));
}

export function useWake() {
  return useDeed((suggestionId: string) => api.wake(suggestionId));
}

export function useSnoozed() {
  const { lang } = useLanguage();
  return useAnswer<Suggestion[]>({ queryKey: ["snoozed", lang], queryFn: api.snoozed, keepPrevious: true });
}

/** A look at what executing would find: nothing changes, so nothing is asked for again. */
export function useRehearsal(suggestion: Suggestion, onFound: (found: Rehearsal) => void) {
  return useMutation({ mutationFn: () => api.rehearse(suggestion.id, suggestion.revision), onSuccess: onFound });
}
