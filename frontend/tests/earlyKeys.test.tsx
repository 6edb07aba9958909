import { fireEvent, renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";

/** Both modules anew: what keeps the keys stops for good once somebody listens. */
async function fresh() {
  vi.resetModules();
  await import("@/lib/earlyKeys");
  return async () => (await import("@/lib/shortcuts")).useShortcuts;
}

describe("a key that is pressed before anybody listens", () => {
  beforeEach(() => document.body.replaceChildren());

  it("is acted on once somebody does, in order, and only once", async () => {
    const later = await fresh();
    for (const key of ["j", "j", "x", "/"]) fireEvent.keyDown(document.body, { key });
    const useShortcuts = await later();
    const act = vi.fn();
    const { rerender } = renderHook(({ heard }) => useShortcuts(true, heard), { initialProps: { heard: act } });
    expect(act.mock.calls.flat()).toEqual(["next", "next", "search"]);
    const another = vi.fn();
    rerender({ heard: another });
    expect(another).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: "k" });
    expect(another.mock.calls.flat()).toEqual(["previous"]);
  });

  it("is text where it was typed into a field, and nothing where keys are switched off", async () => {
    const later = await fresh();
    const field = document.body.appendChild(document.createElement("input"));
    fireEvent.keyDown(field, { key: "j" });
    const useShortcuts = await later();
    const act = vi.fn();
    const { unmount } = renderHook(() => useShortcuts(true, act));
    expect(act).not.toHaveBeenCalled();
    unmount();

    const again = await fresh();
    fireEvent.keyDown(document.body, { key: "j" });
    const useAgain = await again();
    const off = renderHook(({ on }) => useAgain(on, act), { initialProps: { on: false } });
    off.rerender({ on: true });
    expect(act).not.toHaveBeenCalled();
  });
});
