import type { MessageKey } from "./i18n/messages";
import type { Execution, ExecutionState } from "./types";

/** States that are off the planned way: each says what happened, what the engine does now, and what a person should do. */
export type TroubleState = "unknown" | "partial" | "foreign" | "gone" | "needs_operator";

const TROUBLES: readonly ExecutionState[] = ["unknown", "partial", "foreign", "gone", "needs_operator"];
/** What a person does about `needs_operator` depends on why it came to that. */
const KNOWN_CAUSES = ["foreign_value", "plugin_gone", "unobservable", "rollback_failed"] as const;

export function troubleOf({ state }: Pick<Execution, "state">): TroubleState | null {
  return TROUBLES.includes(state) ? (state as TroubleState) : null;
}

export function adviceFor(state: TroubleState, causeCode: string | undefined): MessageKey {
  if (state !== "needs_operator") return `trouble.${state}.you`;
  const cause = KNOWN_CAUSES.find((known) => known === causeCode);
  return cause ? `trouble.needs_operator.you.${cause}` : "trouble.needs_operator.you";
}
