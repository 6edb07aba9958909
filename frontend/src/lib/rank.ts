import type { Suggestion } from "./types";

const SEVERITY = { critical: 3, warning: 2, info: 1 } as const;

/**
 * Order suggestions by the severity of what they answer, then what can be executed before advice, then by confidence,
 * then by age, so that equal cards keep their place.
 */
export function byUrgency(suggestions: readonly Suggestion[]): Suggestion[] {
  return [...suggestions].sort((a, b) => urgency(b) - urgency(a) || a.created_at.localeCompare(b.created_at));
}

export function isAdvice({ details }: Suggestion): boolean {
  return details.change === null;
}

/** Return severity, kind and confidence as the digits of one number. Confidence counts in steps, so that its noise moves no card. */
function urgency(suggestion: Suggestion): number {
  const severity = Math.max(1, ...suggestion.details.findings.map((finding) => SEVERITY[finding.severity] ?? 1));
  return severity * 1000 + (isAdvice(suggestion) ? 0 : 100) + Math.round(suggestion.confidence * 20);
}
