"use client";

import { useEffect, useState } from "react";
import { apiBase } from "@/lib/api";
import { useQueryClient } from "@/lib/query/client";
import type { LiveMode } from "./connection";
import { join } from "./join";

const AT_MOST_EACH_MS = 1000;
/** Who we are does not change with the figures; a check of the whole audit is asked for by a person; charts have a pace of their own. */
const STEADY: ReadonlySet<unknown> = new Set(["session", "audit-check", "chart", "forecast", "anomalies", "anatomy", "curves", "drill"]);

/** Keep the queries fresh while the page is visible. A hidden page neither asks nor holds the connection of the others. */
export function useLive(enabled: boolean): LiveMode {
  const queries = useQueryClient();
  const [mode, setMode] = useState<LiveMode>("connecting");
  useEffect(() => {
    if (!enabled) return;
    return whileVisible(() => void queries.invalidateQueries({ predicate: (query) => !STEADY.has(query.queryKey[0]) }), setMode);
  }, [enabled, queries]);
  return mode;
}

function whileVisible(refresh: () => void, tell: (mode: LiveMode) => void): () => void {
  const throttled = atMostEach(AT_MOST_EACH_MS, refresh);
  let leave: (() => void) | null = null;
  const rest = () => {
    leave?.();
    leave = null;
    throttled.cancel();
  };
  const begin = () => (leave ??= join(`plugin-optimization ${apiBase()}`, { mode: tell, changed: throttled.call }));
  const onVisibility = () => {
    if (document.hidden) return rest();
    refresh();
    begin();
  };
  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) begin();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    rest();
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
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
