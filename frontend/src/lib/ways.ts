/** Addresses within the dashboard that a page leads to. */

import { go } from "./urlState";

export function executionAddress(id: string): string {
  return `?execution=${encodeURIComponent(id)}`;
}

/** The page of a plugin, at a stretch of time in ms. */
export function pluginAddress(id: string, span?: { from: number; to: number }): string {
  const query = new URLSearchParams({ page: id });
  if (span) {
    query.set("from", new Date(span.from).toISOString());
    query.set("to", new Date(span.to).toISOString());
  }
  return `?${query}`;
}

export function suggestionAddress(id: string): string {
  return `./#title-${id}`;
}

const TRIES = 200;
const TRY_MS = 50;

/** Go to the card of a suggestion: its page may have to load first. */
export function showSuggestion(id: string, tries = TRIES): void {
  if (tries === TRIES) go(suggestionAddress(id));
  const title = document.getElementById(`title-${id}`);
  if (!title) return void (tries > 0 && setTimeout(() => showSuggestion(id, tries - 1), TRY_MS));
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  title.scrollIntoView({ block: "center" });
}
