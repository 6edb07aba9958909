import type { ExecutionState } from "./types";

const FINAL: ReadonlySet<ExecutionState> = new Set(["succeeded", "rolled_back", "aborted", "cancelled", "needs_operator"]);

/** Tell whether nobody moves an execution on from here by itself. */
export function isFinal(state: ExecutionState): boolean {
  return FINAL.has(state);
}
