/** Who leads, settled by messages among tabs: for pages on which the browser offers no locks. */

export const BEAT_MS = 1000;
export const SILENT_MS = 2500; // so long without a sign of a leader, and the place counts as free
const OBJECTION_MS = 300; // how long a candidate waits for one who comes before it

type Sign = { kind: "lead" | "stand"; id: number } | { kind: "leave" };

/**
 * The leader gives a sign each second. Where none comes, or it says that it leaves, a tab stands; of several the one with
 * the lowest number leads, and a leader that hears of a lower one gives way. So two may lead for a moment, which costs a
 * stream, but never none for long.
 */
export function electByMessages(name: string, lead: () => () => void): () => void {
  const channel = new BroadcastChannel(`${name} election`);
  const id = Math.random();
  let end: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const say = (sign: Sign) => channel.postMessage(sign);
  const after = (ms: number, act: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };
  const beat = () => {
    say({ kind: "lead", id });
    after(BEAT_MS, beat);
  };
  const take = () => {
    end = lead();
    beat();
  };
  const stand = () => {
    say({ kind: "stand", id });
    after(OBJECTION_MS, take);
  };
  const follow = () => {
    end?.();
    end = null;
    after(SILENT_MS, stand);
  };

  channel.onmessage = ({ data }: MessageEvent<Sign>) => {
    if (data.kind === "leave") return end ? undefined : stand();
    if (end ? data.kind === "lead" && data.id < id : data.kind === "lead" || data.id < id) return follow();
    if (end) say({ kind: "lead", id });
    else stand(); // we come before it
  };
  stand();
  return () => {
    clearTimeout(timer);
    if (end) say({ kind: "leave" });
    end?.();
    channel.close();
  };
}
