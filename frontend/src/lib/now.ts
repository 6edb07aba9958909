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

/**
 * Return what follows from the time in ms: a text, a number or a truth. One clock for all; only who gets another answer than a
 * second ago is drawn again, and it rests while the page is hidden.
 */
export function useFromNow<Value extends string | number | boolean | undefined>(of: (now: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => of((now ||= Date.now())), () => of(0));
}

/** Return the time in ms, which draws its user again every second: for what changes that often. */
export function useNow(): number {
  return useFromNow(same);
}

const same = (at: number) => at;
