import type { Value } from "./types";

/** Both values in turn; `value` is the one whose block comes next or is under way. */
export interface Comparison {
  planned_blocks: number;
  blocks: number;
  block_seconds: number;
  value: Value | null;
}
