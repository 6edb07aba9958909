import type { Silence } from "./types";

/** Return each reason once, in the order they came, with the planners that gave it. */
export function onceEach(silences: readonly Silence[]): { text: string; planners: string[] }[] {
  const planners = new Map<string, string[]>();
  for (const { text, planner } of silences) planners.set(text, [...(planners.get(text) ?? []), planner]);
  return [...planners].map(([text, names]) => ({ text, planners: names }));
}
