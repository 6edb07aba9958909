/** The keys of a chart: a cursor that steps through time, and a stretch that is chosen from one place to another. */

export interface KeyState {
  /** Where the cursor stands, as the number of a point. */
  index: number;
  /** Where a choice began; null while nothing is chosen. */
  anchor: number | null;
}

export type KeyDeed =
  | { do: "move"; state: KeyState }
  | { do: "zoom"; from: number; to: number }
  | { do: "scale"; factor: number }
  | { do: "reset" };

const FAST = 10;

/** Return what a key does to a chart of `count` points; null where it is none of ours. */
export function keyDeed(key: string, shift: boolean, { index, anchor }: KeyState, count: number): KeyDeed | null {
  const to = stepped(key, shift ? FAST : 1, index, count);
  if (to !== null) return { do: "move", state: { index: to, anchor } };
  if (key === "Enter" || key === " ") {
    if (anchor === null || anchor === index) return { do: "move", state: { index, anchor: anchor === null ? index : null } };
    return { do: "zoom", from: Math.min(anchor, index), to: Math.max(anchor, index) };
  }
  if (key === "Escape" && anchor !== null) return { do: "move", state: { index, anchor: null } };
  if (key === "+" || key === "=") return { do: "scale", factor: 0.5 };
  if (key === "-") return { do: "scale", factor: 2 };
  return key === "0" ? { do: "reset" } : null;
}

function stepped(key: string, step: number, index: number, count: number): number | null {
  if (key === "ArrowRight") return Math.min(count - 1, index + step);
  if (key === "ArrowLeft") return Math.max(0, index - step);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}
