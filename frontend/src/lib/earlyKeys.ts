/** Keys that are pressed before what listens to them has been fetched are kept, and acted on once it has. */

/** Where letters are text and no commands. */
export const TYPING = "input, textarea, select, [contenteditable], dialog";

const AT_MOST = 20;
const KEPT_MS = 15_000; // what was pressed longer ago was meant for another page
let kept: KeyboardEvent[] = [];

function keep(event: KeyboardEvent): void {
  const typing = event.target instanceof Element && event.target.closest(TYPING);
  if (!typing) kept = [...kept, event].slice(-AT_MOST);
}

if (typeof document !== "undefined") document.addEventListener("keydown", keep);

/** Return what was pressed so far, oldest first, and keep no more: from now on somebody listens. */
export function takeEarlyKeys(): KeyboardEvent[] {
  document.removeEventListener("keydown", keep);
  const since = performance.now() - KEPT_MS;
  const taken = kept.filter((event) => event.timeStamp >= since);
  kept = [];
  return taken;
}
