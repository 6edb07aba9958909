import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

// jsdom knows the element <dialog> but not its modal side.
HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) { this.open = true; };
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) { this.open = false; };
// It has no layout either: nothing is ever out of sight, and nothing changes its size.
Element.prototype.scrollIntoView ??= () => {};
window.ResizeObserver ??= class { observe() {} unobserve() {} disconnect() {} };
// A page without a stream polls, as it does where a proxy refuses streams.
class RefusedStream extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly CLOSED = 2;
  readyState = 2;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    queueMicrotask(() => this.onerror?.());
  }
  close() {}
}
window.EventSource ??= RefusedStream as unknown as typeof EventSource;
window.matchMedia ??= (media: string) => ({ media, matches: false, addEventListener: () => {}, removeEventListener: () => {} }) as unknown as MediaQueryList;

beforeEach(() => {
  localStorage.clear();
  window.history.replaceState(null, "", "/plugin-optimization/");
});

afterEach(cleanup);
