import type { Suggestion } from "./types";

const SEVERITY = { critical: 3, warning: 2, info: 1 } as const;

/** Order suggestions by confidence × severity of what they answer, then by age, so that equal cards keep their place. */
export function byUrgency(suggestions: readonly Suggestion[]): Suggestion[] {
  return [...suggestions].sort((a, b) => urgency(b) - urgency(a) || a.created_at.localeCompare(b.created_at));
}

export function urgency(suggestion: Suggestion): number {
  const severity = Math.max(1, ...suggestion.details.findings.map((finding) => SEVERITY[finding.severity] ?? 1));
  return Math.round(suggestion.confidence * 20) * severity;
}
