import { beforeAll, describe, expect, it } from "vitest";
import { deedText } from "@/lib/auditWords";
import { load, loadMessages, loadRest, translator } from "@/lib/i18n/messages";

describe("an action of the audit", () => {
  beforeAll(async () => {
    await loadMessages("en");
    await Promise.all([loadRest(), load("en", "administration")]);
  });

  it.each([
    ["policy.saved", "policy saved"],
    ["execution.rolled_back", "change: Rolled back"],
    ["execution.closed", "change closed as it is"],
    ["suggestion.snoozed", "suggestion snoozed"],
  ])("%s is said as %s", (action, said) => expect(deedText(translator("en"), action)).toBe(said));

  it("that is newer than the page is left to its code", () => expect(deedText(translator("en"), "moon.landed")).toBeNull());
});
