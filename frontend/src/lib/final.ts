import type { Execution, ExecutionState } from "./types";

const FINAL: ReadonlySet<ExecutionState> = new Set(["succeeded", "rolled_back", "aborted", "cancelled", "needs_operator"]);

/** Tell whether nobody moves an execution on from here by itself. */
export function isFinal(state: ExecutionState): boolean {
  return FINAL.has(state);
}

/**
 * Return what only a person can bring to an end. A later change of the same setting shows that somebody has looked:
 * it began from the value that was found there.
 */
export function needingSomebody(newestFirst: readonly Execution[]): Execution[] {
  const seen = new Set<string>();
  return newestFirst.filter((run) => {
    const setting = `${run.plugin_id} ${run.change.knob}`;
    const needs = run.state === "needs_operator" && !seen.has(setting);
    seen.add(setting);
    return needs;
  });
}
