"use client";

import { Way } from "@/components/optimization/Way";
import { useLanguage } from "@/lib/i18n/context";
import { isOver, runsSince, suggestionsFor, type AnyIncident } from "@/lib/incidents";
import { useRecentRuns, useSuggestions } from "@/lib/queries";
import { executionAddress, showSuggestion, suggestionAddress } from "@/lib/ways";

/** What can be done about it, and what was: the suggestions that rest on it, and what was executed meanwhile. */
export function Ways({ incident }: { incident: AnyIncident }) {
  const { t } = useLanguage();
  const suggested = suggestionsFor(incident, useSuggestions().data ?? []);
  const runs = useRecentRuns().data ?? [];
  const done = isOver(incident)
    ? incident.executions.map(({ id, text, state_text: state }) => ({ id, text, state }))
    : runsSince(incident, runs).map(({ id, description, state }) => ({ id, text: description, state: t(`state.${state}`) }));
  const open = isOver(incident) ? [] : suggested;
  if (open.length + done.length === 0) return null;
  return (
    <ul className="incident-ways">
      {open.map(({ id, description }) => (
        <li key={id}><span className="mark-kind mark-execution">{t("incidents.suggested")}</span> <Way to={suggestionAddress(id)} onGo={() => showSuggestion(id)} testId={`to-suggestion-${id}`}>{description}</Way></li>
      ))}
      {done.map(({ id, text, state }) => (
        <li key={id}><span className="mark-kind">{t("incidents.done")}</span> <Way to={executionAddress(id)} testId={`to-execution-${id}`}>{text}</Way> <span className="muted">{state}</span></li>
      ))}
    </ul>
  );
}
