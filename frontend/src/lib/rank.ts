import type { Finding, Suggestion } from "./types";

const WEIGHT = { critical: 4, warning: 2, info: 1 } as const;
const ADVICE_BENEFIT = 0.05; // nobody has computed what advice brings: what can be executed goes first
const STEP = 0.05; // products count in steps, so that their noise moves no card

/** Suggestions that answer the same thing: one card, or several ways out of one trouble. */
export interface Cause {
  key: string;
  finding: Finding | null;
  suggestions: Suggestion[];
}

export function isAdvice({ details }: Suggestion): boolean {
  return details.change === null;
}

/**
 * Return what a suggestion brings: by which share it moves its figure (0…1), weighed by how bad is what it answers.
 * A figure that falls from 2 to 0.5 and one that rises from 0.5 to 2 move by the same share.
 */
export function benefit({ details }: Suggestion): number {
  const { prediction } = details;
  const weight = Math.max(1, ...details.findings.map(({ severity }) => WEIGHT[severity] ?? 1));
  if (prediction === null || prediction.before === null || prediction.expected === null) return weight * ADVICE_BENEFIT;
  const larger = Math.max(Math.abs(prediction.before), Math.abs(prediction.expected));
  return larger > 0 ? (weight * Math.abs(prediction.expected - prediction.before)) / larger : 0;
}

/** Order by benefit × confidence, then by age, so that equal cards keep their place. */
export function byUrgency(suggestions: readonly Suggestion[]): Suggestion[] {
  const urgency = (suggestion: Suggestion) => Math.round((benefit(suggestion) * suggestion.confidence) / STEP);
  return [...suggestions].sort((a, b) => urgency(b) - urgency(a) || a.created_at.localeCompare(b.created_at));
}

/** Gather suggestions of one plugin that answer the same kind of finding; in the order of their first ones. */
export function byCause(ordered: readonly Suggestion[]): Cause[] {
  const causes = new Map<string, Cause>();
  for (const suggestion of ordered) {
    const finding = mainFinding(suggestion);
    const key = finding ? `${suggestion.plugin_id}/${finding.kind}/${finding.metric}` : suggestion.id;
    const known = causes.get(key);
    if (known) known.suggestions.push(suggestion);
    else causes.set(key, { key, finding, suggestions: [suggestion] });
  }
  return [...causes.values()];
}

function mainFinding({ details }: Suggestion): Finding | null {
  const worse = (a: Finding, b: Finding) => (WEIGHT[b.severity] ?? 1) - (WEIGHT[a.severity] ?? 1) || b.score - a.score;
  return [...details.findings].sort(worse)[0] ?? null;
}
