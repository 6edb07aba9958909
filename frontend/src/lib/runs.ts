import { isFinal } from "./final";
import type { Execution } from "./types";

const RECENT_MS = 10 * 60 * 1000;

/** Whether an execution belongs on the first page: it runs, or ended a moment ago and asks nothing of anybody. */
export function isShownNow(run: Execution, now: number): boolean {
  if (!isFinal(run.state)) return true;
  return run.state !== "needs_operator" && run.finished_at !== null && now - Date.parse(run.finished_at) < RECENT_MS;
}

export function anyShownNow(runs: readonly Execution[]): boolean {
  return runs.some((run) => isShownNow(run, Date.now()));
}
