import type { Silence } from "./types";

/** Return each reason once, in the order they came, with the planners that gave it. */
export function onceEach(silences: readonly Silence[]): { text: string; planners: string[] }[] {
  const planners = new Map<string, string[]>();
  for (const { text, planner } of silences) planners.set(text, [...(planners.get(text) ?? []), planner]);
  return [...planners].map(([text, names]) => ({ text, planners: names }));
}

const NOT_THERE: ReadonlySet<string> = new Set(["no_knob", "no_cache", "no_task_queue"]);

/** Part the reasons that say something about a plugin from those that only say what it has not. */
export function parted<Reason extends { code: string }>(silences: readonly Reason[]): { telling: readonly Reason[]; notThere: readonly Reason[] } {
  return {
    telling: silences.filter(({ code }) => !NOT_THERE.has(code)),
    notThere: silences.filter(({ code }) => NOT_THERE.has(code)),
  };
}
