import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { play, type Scenario } from "../dev/fixture-server.mjs";
import { meddle } from "../dev/policyFixtures.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();
// There is no canvas here, and what is out of sight is not drawn.
class NothingInSight {
  observe() {}
  disconnect() {}
}

beforeEach(() => void (window.IntersectionObserver = NothingInSight as unknown as typeof IntersectionObserver));

function open(query: string, scenario: Scenario = "full") {
  play(scenario);
  window.history.replaceState(null, "", `/plugin-optimization/${query}`);
  render(<PluginOptimizationDashboard />);
  return userEvent.setup();
}

describe("what other values would give", () => {
  it("is of a cache server its memory limit, in bytes that people read, and nothing of workers", async () => {
    open("?page=sessions");
    const curve = within(await screen.findByTestId("room-curve", {}, SLOW));
    expect(curve.getByTestId("room-curve-present").textContent).toContain("10 MiB");
    expect(curve.getByTestId("room-curve-suggested").textContent).toContain("15 MiB");
    const whatIf = screen.getByTestId("what-if");
    expect(whatIf.textContent).toContain("38 MiB comes within 1 pp");
    expect(whatIf.textContent).toContain("leave room for 200 MiB");
    expect(whatIf.textContent).not.toContain("Number of workers");
    expect(screen.getByTestId("knob-maxmemory").textContent).toContain("10 MiB");
    expect(screen.getByTestId("knob-maxmemory").textContent).toContain("automatic (policy)");
  });

  it("says of a server that does not tell its keys why there is no curve", async () => {
    open("?page=fragments");
    expect((await screen.findByTestId("room-why-not", {}, SLOW)).textContent).toContain("does not tell which keys");
  });

  it("says of a queue of tasks that it is planned as one", async () => {
    open("?page=mailer");
    expect((await screen.findByTestId("workers-why-not", {}, SLOW)).textContent).toContain("queue of tasks");
    expect(screen.getByTestId("silences").textContent).toContain("queue of tasks");
  });
});

describe("what happened", () => {
  it("leads an administrator from a saved policy to its entry of the audit, which is marked", async () => {
    const user = open("?page=orders");
    const policy = within(await screen.findByTestId("happened-policy", {}, SLOW));
    await user.click(policy.getByRole("link"));
    const entry = await screen.findByTestId("audit-87", {}, SLOW);
    expect(entry.getAttribute("aria-current")).toBe("true");
    expect(screen.queryByTestId("audit-88")).toBeNull();
    expect(window.location.search).toContain("filter=entry%3D87");
    await user.click(screen.getByTestId("audit-clear"));
    await waitFor(() => expect(screen.queryByTestId("audit-120")).not.toBeNull(), SLOW);
    expect(sent("GET", "/audit").every((call) => !("entry" in call.query))).toBe(true);
  });

  it("is told to a viewer without a way to the audit", async () => {
    open("?page=orders", "viewer");
    const policy = within(await screen.findByTestId("happened-policy", {}, SLOW));
    expect(policy.queryByRole("link")).toBeNull();
  });

  it("tells what was unusual from what was wrong", async () => {
    open("?page=orders");
    await screen.findAllByTestId("happened-unusual", {}, SLOW);
    expect(screen.getAllByTestId("happened-unusual")).toHaveLength(2);
    expect(screen.getAllByTestId("happened-onset")).toHaveLength(1);
  });
});

describe("the policy that holds for a plugin", () => {
  it("is told with who gave each value, what is built in folded away, and leads to where it is changed", async () => {
    const user = open("?page=orders");
    const given = await screen.findByTestId("in-force-max_workers", {}, SLOW);
    expect(given.textContent).toBe("Most workers8set for this plugin");
    const folded = screen.getByTestId<HTMLDetailsElement>("policy-built-in");
    expect([folded.open, within(folded).queryByTestId("in-force-max_workers")]).toEqual([false, null]);
    expect(within(folded).getByTestId("in-force-min_workers").textContent).toBe("Fewest workers1built-in default");
    await user.click(screen.getByTestId("policy-change"));
    await screen.findByTestId("policy-max_workers", {}, SLOW);
    expect(window.location.search).toBe("?tab=policies&plugin=orders");
    await waitFor(() => expect(document.title).toBe("orders · Policies · Plugin optimization"), SLOW);
  }, 60_000);

  it("names the group that a value comes from, and leads to it", async () => {
    play("full");
    const rule = JSON.stringify({ priority: 0, kinds: [], labels: {}, names: ["menu"] });
    await fetch(`${document.documentElement.dataset.apiBase}/plugin-groups/shop`, { method: "PUT", body: rule });
    meddle("group:shop", { max_workers: 6 });
    window.history.replaceState(null, "", "/plugin-optimization/?page=menu");
    render(<PluginOptimizationDashboard />);
    const given = within(await screen.findByTestId("in-force-max_workers", {}, SLOW));
    expect(screen.getByTestId("policy-groups").textContent).toContain("shop");
    const from = given.getByRole("link");
    expect(from.textContent).toBe("from the group shop");
    await userEvent.setup().click(from);
    await screen.findByTestId("policy-max_workers", {}, SLOW);
    expect(new URLSearchParams(window.location.search).get("plugin")).toBe("group:shop");
  }, 60_000);
});

describe("what is suggested", () => {
  it("stands on the page of its plugin, which names the document, and what is of another one does not", async () => {
    open("?page=orders");
    await screen.findByTestId("suggestion-orders-increase_workers", {}, SLOW);
    expect(document.querySelectorAll("article.suggestion")).toHaveLength(1);
    expect(sent("GET", "/suggestions").some((call) => call.query.plugin_id === "orders")).toBe(true);
    await waitFor(() => expect(document.title).toBe("orders · Plugin optimization"), SLOW);
  });

  it("runs on the page of its plugin", async () => {
    open("?page=inventory");
    expect((await screen.findByRole("heading", { name: "Running and just finished" }, SLOW)).parentElement?.textContent).toContain("Raise the cache");
  });
});
