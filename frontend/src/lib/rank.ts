import type { Suggestion } from "./types";

const SEVERITY = { critical: 3, warning: 2, info: 1 } as const;

/**
 * Order suggestions by the severity of what they answer, then what can be executed before advice, then by confidence,
 * then by age, so that equal cards keep their place.
 */
export function byUrgency(suggestions: readonly Suggestion[]): Suggestion[] {
  return [...suggestions].sort((a, b) => compare(urgency(b), urgency(a)) || a.created_at.localeCompare(b.created_at));
}

export function isAdvice({ details }: Suggestion): boolean {
  return details.change === null;
}

/** Return what counts, the weightiest first. Confidence counts in steps, so that its noise moves no card. */
function urgency(suggestion: Suggestion): number[] {
  const severity = Math.max(1, ...suggestion.details.findings.map((finding) => SEVERITY[finding.severity] ?? 1));
  return [severity, isAdvice(suggestion) ? 0 : 1, Math.round(suggestion.confidence * 20)];
}

function compare(a: number[], b: number[]): number {
  const index = a.findIndex((value, place) => value !== b[place]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
