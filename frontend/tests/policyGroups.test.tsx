import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { dropDraft } from "@/lib/drafts";
import { EMPTY_GROUP, ruleOf, typedOf } from "@/lib/policyGroupDraft";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();
afterEach(() => ["group:shop"].forEach(dropDraft));

describe("what is typed of a group", () => {
  it("is a rule once it has a name and a condition, and comes back as it was", () => {
    const typed = { name: "shop", kinds: "gunicorn\ncelery", labels: "team=shop\nurl=a=b", names: "shop-*", priority: "5" };
    const rule = { priority: 5, kinds: ["gunicorn", "celery"], labels: { team: "shop", url: "a=b" }, names: ["shop-*"] };
    expect(ruleOf(typed)).toEqual({ rule });
    expect(typedOf("shop", rule)).toEqual(typed);
  });

  it("says what is missing or wrong", () => {
    const named = { ...EMPTY_GROUP, name: "shop" };
    expect(ruleOf({ ...EMPTY_GROUP, names: "a*" })).toEqual({ misfit: "group.badName" });
    expect(ruleOf(named)).toEqual({ misfit: "group.needsCondition" });
    expect(ruleOf({ ...named, labels: "team" })).toEqual({ misfit: "group.badLabel" });
    expect(ruleOf({ ...named, names: "a*", priority: "1.5" })).toEqual({ misfit: "group.badPriority" });
  });
});

describe("a group on the page of policies", () => {
  it("is made with who would join in sight, speaks for its plugins, and each value says so", async () => {
    play("full");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=policies");
    render(<PluginOptimizationDashboard />);
    const user = userEvent.setup();
    await user.click(await screen.findByTestId("group-new", {}, SLOW));
    await user.type(await screen.findByTestId("group-name", {}, SLOW), "shop");
    expect(screen.getByTestId<HTMLButtonElement>("group-save").disabled).toBe(true);
    expect(screen.getByTestId("group-hindrance").textContent).toBe("Give kinds, labels or names");
    await user.type(screen.getByTestId("group-labels"), "team=shop");
    expect((await screen.findByTestId("consequences-joining", {}, SLOW)).textContent).toBe("2 would join: cart, mail");
    await user.click(screen.getByTestId("group-save"));
    await screen.findByTestId("policy-max_workers", {}, SLOW);
    expect(sent("PUT", "/plugin-groups/shop").map((call) => call.body)).toEqual([{ priority: 0, kinds: [], labels: { team: "shop" }, names: [] }]);

    await user.clear(screen.getByTestId("policy-max_workers"));
    await user.type(screen.getByTestId("policy-max_workers"), "12");
    await waitFor(() => expect(screen.getByTestId("consequences-changed").textContent).toBe("These 2 plugins would change: cart, mail"), SLOW);
    expect(screen.getByTestId("consequences-kept").textContent).toBe("1 keeps a value nearer to it: orders (its own value)");
    await user.click(screen.getByTestId("policy-save"));
    await screen.findByTestId("policy-saved", {}, SLOW);
    expect(sent("PATCH", "/policies/group%3Ashop").at(-1)?.body).toEqual({ max_workers: 12 });
    await user.click(within(screen.getByTestId("group-members")).getByText("cart"));
    await waitFor(() => expect(document.getElementById("policy-max_workers-from")?.textContent).toBe("from the group shop"), SLOW);
    expect(screen.getByTestId("policy-groups").textContent).toContain("shop");
  }, 180_000);
});
