import { describe, expect, it } from "vitest";
import { isJudging, shownSteps } from "@/lib/steps";
import type { ExecutionState } from "@/lib/types";

function show(state: ExecutionState, ...passed: ExecutionState[]): string {
  const history = [...passed, state].map((name, index) => ({ state: name, at: `2026-11-25T08:00:0${index}Z`, actor: "engine", text: "" }));
  return shownSteps(state, history).map((step) => `${step.name}:${step.status}`).join(" ");
}

describe("the steps of an execution", () => {
  it("show what is done, what is under way and what is ahead", () => {
    expect(show("applying", "queued", "claimed", "intent")).toBe(
      "queued:done claimed:done applying:current settling:ahead verifying:ahead succeeded:ahead",
    );
  });

  it("end green only when the change succeeded", () => {
    expect(show("succeeded", "queued", "claimed", "intent", "applying", "applied", "settling", "verifying")).toMatch(/succeeded:good$/);
  });

  it("show the way back, also of a change that had succeeded", () => {
    const begun = ["queued", "claimed", "intent", "applying", "applied", "settling", "verifying"] as const;
    expect(show("rolled_back", ...begun, "rb_intent", "rb_applying")).toBe(
      "queued:done claimed:done applying:done settling:done verifying:done rb_applying:done rolled_back:undone",
    );
    expect(show("rb_applying", ...begun, "succeeded", "rb_intent")).toMatch(/succeeded:done rb_applying:current rolled_back:ahead$/);
  });

  it("count both values in turn as a part of judging", () => {
    expect(show("comparing", "queued", "claimed", "intent", "applying", "applied", "settling", "verifying")).toBe(
      "queued:done claimed:done applying:done settling:done verifying:current succeeded:ahead",
    );
    expect(["verifying", "comparing", "settling"].map((state) => isJudging(state as ExecutionState))).toEqual([true, true, false]);
  });

  it("end in the state that needs a person", () => {
    expect(show("needs_operator", "queued", "claimed", "intent", "applying", "unknown")).toMatch(/unknown:done needs_operator:bad$/);
  });

  it("are known from the state alone, before the log has been loaded", () => {
    expect(shownSteps("verifying", []).map(({ status }) => status)).toEqual(["done", "done", "done", "done", "current", "ahead"]);
  });
});
