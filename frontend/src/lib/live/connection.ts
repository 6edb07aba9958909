/** The connection to the server that the leading tab holds: a stream, or questions in its place. */

import { eventsUrl } from "@/lib/api";
import { laterApi } from "@/lib/laterApi";

/** `stream`: the server tells when something changed; `poll`: we ask every 3 s; `lost`: it does not answer. */
export type LiveMode = "connecting" | "stream" | "poll" | "lost";

export const POLL_MS = 3000;
/** The server gives a sign every 15 s at the least; a stream that is silent for longer is dead without knowing it. */
export const SILENT_MS = 40_000;
const RETRY_STREAM_MS = 30_000; // where streams are refused, but questions answered
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;

export interface Told {
  mode: (mode: LiveMode) => void;
  changed: () => void;
}

/** Connect, and tell until the returned function is called. Attempts come ever more rarely, at times that tabs do not share. */
export function connect(tell: Told): () => void {
  let stream: EventSource | null = null;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let next: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let refusedAt = -Infinity;
  let attempt = 0;

  const rest = () => {
    attempt += 1;
    stream?.close();
    stream = null;
    clearTimeout(watchdog);
    clearTimeout(next);
  };
  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(ask, SILENT_MS);
  };
  const open = () => {
    rest();
    const opened = (stream = new EventSource(eventsUrl()));
    opened.onopen = () => {
      failures = 0;
      heard();
      tell.mode("stream");
    };
    opened.addEventListener("version", () => {
      heard();
      tell.changed();
    });
    opened.addEventListener("alive", heard);
    opened.onerror = () => {
      // The browser would go on by itself after an interruption, but not after a refusal, and without asking more rarely.
      if (opened.readyState === EventSource.CLOSED) refusedAt = Date.now();
      void ask();
    };
    heard();
  };
  const ask = async () => {
    rest();
    const mine = attempt;
    const answered = await laterApi.answers();
    if (mine !== attempt) return;
    const isBack = answered && failures > 0;
    failures = answered ? 0 : failures + 1;
    if (!answered) tell.mode("lost");
    if (answered || failures === 1) tell.changed();
    if (!answered) next = setTimeout(ask, retryMs(failures));
    else if (isBack || Date.now() - refusedAt >= RETRY_STREAM_MS) next = setTimeout(open, isBack ? 0 : FIRST_RETRY_MS);
    else {
      tell.mode("poll");
      next = setTimeout(ask, POLL_MS);
    }
  };
  const onNetwork = () => void (stream && navigator.onLine ? undefined : ask());

  window.addEventListener("online", onNetwork);
  window.addEventListener("offline", onNetwork);
  open();
  return () => {
    window.removeEventListener("online", onNetwork);
    window.removeEventListener("offline", onNetwork);
    rest();
  };
}

/** Return how long to wait after so many failures: 1, 2, 4, 8, 15 s, each a fifth more or less. */
export function retryMs(failures: number, chance = Math.random()): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.8 + 0.4 * chance);
}
