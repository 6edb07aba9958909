"use client";

import { useEffect, useState } from "react";
import { eventsUrl } from "./api";
import { useQueryClient } from "./query/client";

/** `stream`: the server tells when something changed; `poll`: we ask every 3 s. */
export type LiveMode = "connecting" | "stream" | "poll";

export const POLL_MS = 3000;
const AT_MOST_EACH_MS = 1000;
const RETRY_STREAM_MS = 30_000;
/** Who we are does not change with the figures; a check of the whole audit is asked for by a person. */
const STEADY: ReadonlySet<unknown> = new Set(["session", "audit-check"]);

/**
 * Keep the queries fresh while the page is visible, by one event stream or, where that is refused, by polling.
 * A hidden page holds no stream: browsers allow only six connections to one server.
 */
export function useLive(enabled: boolean): LiveMode {
  const queries = useQueryClient();
  const [mode, setMode] = useState<LiveMode>("connecting");
  useEffect(() => {
    if (!enabled) return;
    return watch(() => void queries.invalidateQueries({ predicate: (query) => !STEADY.has(query.queryKey[0]) }), setMode);
  }, [enabled, queries]);
  return mode;
}

function watch(refresh: () => void, tell: (mode: LiveMode) => void): () => void {
  const throttled = atMostEach(AT_MOST_EACH_MS, refresh);
  let stream: EventSource | null = null;
  let poll: ReturnType<typeof setInterval> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const rest = () => {
    clearInterval(poll);
    clearTimeout(retry);
    poll = retry = undefined;
  };
  const stop = () => {
    stream?.close();
    rest();
  };
  // An interrupted stream is opened again by the browser; one that was refused is not.
  const fallBack = () => {
    tell("poll");
    poll ??= setInterval(refresh, POLL_MS);
    if (stream?.readyState !== EventSource.CONNECTING) retry ??= setTimeout(open, RETRY_STREAM_MS);
  };
  const open = () => {
    stop();
    stream = new EventSource(eventsUrl());
    stream.onopen = () => {
      rest();
      tell("stream");
    };
    stream.addEventListener("version", throttled.call);
    stream.onerror = fallBack;
  };
  const onVisibility = () => {
    if (document.hidden) return stop();
    refresh();
    open();
  };

  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    throttled.cancel();
    stop();
  };
}

/** Call `act` at once, and for all calls that follow within `ms` once more at its end. */
export function atMostEach(ms: number, act: () => void): { call: () => void; cancel: () => void } {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    timer = undefined;
    last = Date.now();
    act();
  };
  return {
    call: () => void (timer ??= setTimeout(run, Math.max(0, last + ms - Date.now()))),
    cancel: () => clearTimeout(timer),
  };
}
