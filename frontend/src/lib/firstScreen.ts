/** What the first screen does not need waits until it is shown; on another page, or where it takes too long, for a moment. */

const PATIENCE_MS = 3000;
let tell = () => {};
const shown = new Promise<void>((resolve) => (tell = resolve));

/** Tell so once it stands on the page: what is fetched from then on comes after the frame that paints it. */
export function firstScreenIsShown(): void {
  requestAnimationFrame(() => setTimeout(tell));
}

/** Return what loads something after that. */
export function afterFirstScreen<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return async () => {
    await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    return load();
  };
}
