/** The life of an execution as the steps a person follows. */

import { isFinal } from "./final";
import type { Execution, ExecutionState, ExecutionStep, Verdict } from "./types";

export type StepName =
  | "queued" | "claimed" | "applying" | "settling" | "verifying" | "succeeded"
  | "rb_applying" | "rolled_back" | "aborted" | "cancelled" | "unknown" | "partial" | "foreign" | "gone" | "needs_operator";

export interface ShownStep {
  name: StepName;
  status: "done" | "current" | "ahead" | "good" | "undone" | "bad";
  at: string | null;
  text: string;
}

const FORWARD: StepName[] = ["queued", "claimed", "applying", "settling", "verifying", "succeeded"];
const UNDO: StepName[] = ["rb_applying", "rolled_back"];
/** Tell whether the judge is still looking; both values in turn are a part of that. */
export function isJudging(state: ExecutionState): boolean {
  return state === "verifying" || state === "comparing";
}

/** Return the verdict once it stands: while the judge is still looking, what it has is no verdict. */
export function judged({ state, verdict }: Execution): Verdict | null {
  return isJudging(state) ? null : verdict;
}

/** Return how many windows the judge says it still lacks, 0 where it has enough to look at. */
export function windowsLacking({ verdict }: Execution): number {
  const lacking = verdict?.reasons.find(({ code }) => code === "need_more_windows")?.params.windows;
  return typeof lacking === "number" ? lacking : 0;
}

/** Return the step that a state belongs to: what happens behind one word is one step. */
export function stepOf(state: ExecutionState): StepName {
  if (state === "intent") return "applying";
  if (state === "applied") return "settling";
  if (state === "comparing") return "verifying";
  if (state === "rb_intent") return "rb_applying";
  return state;
}

/** Return all steps to show, in order: those passed, the present one, and those still expected. */
export function shownSteps(state: ExecutionState, history: readonly ExecutionStep[]): ShownStep[] {
  const present = stepOf(state);
  const passed = [...new Set(history.map((step) => stepOf(step.state)))];
  return expectedNames(present, passed).map((name) => {
    const records = history.filter((step) => stepOf(step.state) === name);
    return {
      name,
      status: statusOf(name, present, passed, state),
      at: records[0]?.at ?? null,
      text: records.at(-1)?.text ?? "",
    };
  });
}

function expectedNames(present: StepName, passed: StepName[]): StepName[] {
  const undoing = UNDO.includes(present);
  if (FORWARD.includes(present) && !passed.some((name) => UNDO.includes(name))) return FORWARD;
  const before = passed.length > 0 ? passed.filter((name) => name !== present && !UNDO.includes(name)) : ["queued" as const];
  return [...before, ...(undoing ? UNDO : [present])];
}

function statusOf(name: StepName, present: StepName, passed: StepName[], state: ExecutionState): ShownStep["status"] {
  if (name === present) {
    if (!isFinal(state)) return state === "unknown" || state === "partial" || state === "foreign" || state === "gone" ? "bad" : "current";
    return state === "succeeded" ? "good" : state === "rolled_back" || state === "cancelled" ? "undone" : "bad";
  }
  const before = FORWARD.indexOf(name) < FORWARD.indexOf(present) && FORWARD.includes(name);
  return passed.includes(name) || before ? "done" : "ahead";
}
