"use client";

import { useSyncExternalStore } from "react";

const TICK_MS = 1000;
const listeners = new Set<() => void>();
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  if (document.hidden) return;
  now = Date.now();
  listeners.forEach((listener) => listener());
}

/** The time in milliseconds, one clock for all texts like "12 s ago"; it rests while the page is hidden. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => (now ||= Date.now()), () => 0);
}
