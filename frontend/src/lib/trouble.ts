import type { MessageKey } from "./i18n/messages";
import type { Execution, ExecutionState } from "./types";

/** States that are off the planned way: each says what happened, what the engine does now, and what a person should do. */
export type TroubleState = "unknown" | "partial" | "foreign" | "gone" | "needs_operator";

const TROUBLES: readonly ExecutionState[] = ["unknown", "partial", "foreign", "gone", "needs_operator"];

export function troubleOf({ state }: Pick<Execution, "state">): TroubleState | null {
  return TROUBLES.includes(state) ? (state as TroubleState) : null;
}

/** Return what a person does in a state that passes by itself; what they do about `needs_operator` the server says. */
export function adviceFor(state: Exclude<TroubleState, "needs_operator">): MessageKey {
  return `trouble.${state}.you`;
}
