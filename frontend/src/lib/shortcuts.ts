"use client";

import { useEffect } from "react";
import { takeEarlyKeys, TYPING } from "./earlyKeys";
import { useSetting } from "./settings";

export const SEARCH_FIELD = "plugin-search";
const CARDS = "main article, main .history > li";

export type Command = "search" | "next" | "previous" | "help";

/** By the character, or by the key where a Korean input method makes another character of it. */
const BY_CHARACTER: Readonly<Record<string, Command>> = { "/": "search", j: "next", k: "previous", "?": "help" };
const BY_KEY: Readonly<Record<string, Command>> = { Slash: "search", KeyJ: "next", KeyK: "previous", ShiftSlash: "help" };
const LATIN = /^[\x20-\x7e]$/;

/** Return what a key press commands; null for text, for what the browser itself does, and for anything else. */
export function commandOf(event: KeyboardEvent): Command | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || event.isComposing) return null;
  if (event.target instanceof Element && event.target.closest(TYPING)) return null;
  if (LATIN.test(event.key)) return BY_CHARACTER[event.key] ?? null;
  return BY_KEY[`${event.shiftKey ? "Shift" : ""}${event.code}`] ?? null;
}

/** Single keys can be switched off: speech input and stray presses would trigger them (WCAG 2.2, 2.1.4). */
export function useShortcutsOn(): [boolean, (on: boolean) => void] {
  const [value, set] = useSetting("po-keys", ["on", "off"] as const);
  return [value === "on", (on) => set(on ? "on" : "off")];
}

export function useShortcuts(on: boolean, act: (command: Command) => void): void {
  useEffect(() => {
    const early = takeEarlyKeys();
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      const command = commandOf(event);
      if (!command) return;
      event.preventDefault();
      act(command);
    };
    early.forEach(press);
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [on, act]);
}

/** Go to the next card of the page, or the one before: of what needs somebody, runs, is suggested, or was done. */
export function stepCards(by: 1 | -1): void {
  const cards = [...document.querySelectorAll<HTMLElement>(CARDS)];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  const card = cards[at < 0 ? (by > 0 ? 0 : cards.length - 1) : Math.min(cards.length - 1, Math.max(0, at + by))];
  if (!card) return;
  card.tabIndex = -1;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

const TRIES = 40;
const TRY_MS = 50;

/** Put the cursor into the search as soon as it is in the page: its view may have to come first. */
export function focusSearch(tries = TRIES): void {
  const field = document.getElementById(SEARCH_FIELD);
  if (field instanceof HTMLInputElement) {
    field.focus();
    field.select();
  } else if (tries > 0) setTimeout(() => focusSearch(tries - 1), TRY_MS);
}
