"use client";

import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null; // storage may be forbidden; the choice then lives as long as the page
  }
}

const memory = new Map<string, string>();

function write(key: string, value: string): void {
  memory.set(key, value);
  try {
    localStorage.setItem(key, value);
  } catch {
    // kept in `memory`
  }
  listeners.forEach((listener) => listener());
}

/** A choice that the browser remembers; the first of `choices` is the default. */
export function useSetting<Choice extends string>(
  key: string,
  choices: readonly [Choice, ...Choice[]],
): [Choice, (value: Choice) => void] {
  const current = useCallback((): Choice => choices.find((choice) => choice === read(key)) ?? choices[0], [key, choices]);
  const value = useSyncExternalStore(subscribe, current, () => choices[0]);
  const set = useCallback((next: Choice) => write(key, next), [key]);
  return [value, set];
}
