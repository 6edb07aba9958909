"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { useQueryClient } from "./client";
import type { Entry, QueryKey, Shown } from "./entry";

const FRESH_MS = 900; // two parts of the page that ask at once share one answer
const SAFETY_POLL_MS = 30_000; // in case the stream is open but silent

/** A question: what to ask, under which key its answer is known, and how often. */
export interface Question<Data> {
  queryKey: QueryKey;
  queryFn: () => Promise<Data>;
  enabled?: boolean;
  /** So long an answer is fresh enough for whoever comes next. */
  staleTime?: number;
  /** Ask again when the answer is so old, while the page is visible; false: never. */
  refetchInterval?: number | false;
  /** Show the answer to the previous key until the one to the new key is there. */
  keepPrevious?: boolean;
}

/** What the server said to a question: four different states that must not be mixed up on the screen. */
export interface Answer<Data> {
  /** The last good answer; still there when a later one failed, and then old. */
  data: Data | undefined;
  /** Nothing has come yet, neither an answer nor a refusal. */
  waiting: boolean;
  /** The last attempt failed. It stays true while the next attempt is on its way. */
  failed: boolean;
  error: unknown;
  /** When the last good answer came, in ms; 0 where none did. As it is now, not as it was when this was drawn. */
  readonly updatedAt: number;
  /** The data answer the previous key. */
  previous: boolean;
  askAgain: () => Promise<void>;
}

export function useAnswer<Data>(question: Question<Data>): Answer<Data> {
  const entry = useQueryClient().entry(question.queryKey);
  const { data: current, failed, error } = useSyncExternalStore<Shown>(entry.subscribe, entry.shown, entry.shown);
  useAsking(entry, question);
  const last = useLast(current);
  const data = (current === undefined && question.keepPrevious ? last : current) as Data | undefined;
  return {
    data,
    waiting: data === undefined && !failed,
    failed,
    error,
    get updatedAt() {
      return entry.updatedAt;
    },
    previous: current === undefined && data !== undefined,
    askAgain: () => entry.fetch(),
  };
}

/** Whether an answer is on its way. A hook of its own: most who show an answer need not know. */
export function useFetching(queryKey: QueryKey): boolean {
  const entry = useQueryClient().entry(queryKey);
  return useSyncExternalStore(entry.subscribe, entry.isFetching, () => false);
}

function useAsking(entry: Entry, question: Question<unknown>): void {
  const { queryFn, enabled = true, staleTime = FRESH_MS, refetchInterval = SAFETY_POLL_MS } = question;
  useEffect(() => entry.askBy(queryFn));
  useEffect(() => {
    if (!enabled) return;
    const leave = entry.observe();
    if (entry.isOlderThan(staleTime)) void entry.fetch();
    return leave;
  }, [entry, enabled, staleTime]);
  useEffect(() => {
    if (!enabled || refetchInterval === false) return;
    return whenOld(entry, refetchInterval);
  }, [entry, enabled, refetchInterval]);
}

/**
 * Ask whenever the answer is so many ms old and the page is visible, until the returned function is called. It waits from the
 * answer on, not from the question: a steady beat would find each answer a little too young, and ask only every second time.
 */
function whenOld(entry: Entry, ms: number): () => void {
  let timer = setTimeout(look, ms);
  function look(): void {
    const rest = entry.updatedAt + ms - Date.now();
    if (rest <= 0 && !document.hidden) void entry.fetch();
    timer = setTimeout(look, rest > 0 ? rest : ms);
  }
  return () => clearTimeout(timer);
}

function useLast(current: unknown): unknown {
  const [last, setLast] = useState(current);
  if (current !== undefined && current !== last) setLast(current);
  return last;
}
