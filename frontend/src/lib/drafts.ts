"use client";

import { useSyncExternalStore } from "react";
import type { Marked } from "./laterApi";
import type { Typed } from "./policyDraft";
import type { PolicyView } from "./policyTypes";

/** What was typed into the form of a policy, and the state of the policy it was typed into. */
export interface Draft {
  base: Marked<PolicyView>;
  typed: Typed;
}

/** Unsaved forms outlive the page that shows them: changing the tab or the plugin loses nothing, and closing asks first. */
const drafts = new Map<string, Draft>();
const listeners = new Set<() => void>();
let targets: readonly string[] = [];

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function tell(): void {
  targets = [...drafts.keys()];
  if (drafts.size > 0) window.addEventListener("beforeunload", ask);
  else window.removeEventListener("beforeunload", ask);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function keepDraft(target: string, draft: Draft): void {
  drafts.set(target, draft);
  tell();
}

export function dropDraft(target: string): void {
  drafts.delete(target);
  tell();
}

export function useDraft(target: string): Draft | undefined {
  return useSyncExternalStore(subscribe, () => drafts.get(target), () => undefined);
}

const NONE: readonly string[] = [];

/** Return whose policies have unsaved changes. */
export function useUnsaved(): readonly string[] {
  return useSyncExternalStore(subscribe, () => targets, () => NONE);
}
