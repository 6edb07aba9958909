import type { Verdict } from "./types";

/** How much is known of an effect (after / what would have been): a range, only its sure end, or nothing of use. */
export type Effect =
  | { known: "range"; mean: number; low: number; high: number }
  | { known: "bound"; bound: number }
  | { known: "unclear" }
  | { known: "not" };

const WIDE = 0.5; // a range that spans more than half of what it is about says nothing but its sure end

export function effectOf({ effect, low, high }: Pick<Verdict, "effect" | "low" | "high">): Effect {
  if (effect === null || low === null || high === null) return { known: "not" };
  if (high - low <= WIDE * Math.max(1, effect)) return { known: "range", mean: effect, low, high };
  if (high < 1) return { known: "bound", bound: high };
  return low > 1 ? { known: "bound", bound: low } : { known: "unclear" };
}
