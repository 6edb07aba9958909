import type { ExecutionDetail } from "./types";

const BEFORE_MS = 10 * 60_000;
const AFTER_MS = 2 * 60_000;

/** What is drawn of an execution: which figure, from when to when, where it changed, and what was predicted of it. */
export interface Course {
  metric: string;
  from: string;
  /** Undefined while it is under way: up to now. */
  to: string | undefined;
  changedAt: number;
  before: number | null;
  expected: number | null;
  low: number | null;
  high: number | null;
}

/** Null as long as nothing has changed, or where no figure was predicted or judged. */
export function courseOf({ prediction, verdict, steps, finished_at: finishedAt }: ExecutionDetail): Course | null {
  const metric = prediction?.metric ?? verdict?.metric;
  const applied = steps.find(({ state }) => state === "applied")?.at;
  const begun = steps[0]?.at;
  if (!metric || !applied || !begun) return null;
  return {
    metric,
    from: new Date(Date.parse(begun) - BEFORE_MS).toISOString(),
    to: finishedAt ? new Date(Date.parse(finishedAt) + AFTER_MS).toISOString() : undefined,
    changedAt: Date.parse(applied),
    before: prediction?.before ?? verdict?.before ?? null,
    expected: prediction?.expected ?? null,
    low: prediction?.low ?? null,
    high: prediction?.high ?? null,
  };
}
