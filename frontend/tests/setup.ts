import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

// jsdom knows the element <dialog> but not its modal side.
HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) { this.open = true; };
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) { this.open = false; };
window.matchMedia ??= (media: string) => ({ media, matches: false, addEventListener: () => {}, removeEventListener: () => {} }) as unknown as MediaQueryList;

beforeEach(() => {
  localStorage.clear();
  window.history.replaceState(null, "", "/plugin-optimization/");
});

afterEach(cleanup);
