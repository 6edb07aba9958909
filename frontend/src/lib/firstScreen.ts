/** What the first screen does not need waits until it is shown; on another page, or where it takes too long, for a moment. */

const PATIENCE_MS = 3000;
const LONGER_MS = 12_000; // more, where a first screen is on its way over a slow line
let expected = false;
let tell = () => {};
const shown = new Promise<void>((resolve) => (tell = resolve));

/** Say that this page has a first screen, and that it is on its way. */
export function firstScreenIsExpected(): void {
  expected = true;
}

/** Tell so once it stands on the page: what is fetched from then on comes after the frame that paints it. */
export function firstScreenIsShown(): void {
  requestAnimationFrame(() => setTimeout(tell));
}

/** Return what loads something after that. */
export function afterFirstScreen<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return async () => {
    await Promise.race([shown, wait(PATIENCE_MS).then(() => (expected ? wait(LONGER_MS) : undefined))]);
    return load();
  };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
