import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { play, type Scenario } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

function open(query: string, scenario: Scenario = "full") {
  play(scenario);
  window.history.replaceState(null, "", `/plugin-optimization/${query}`);
  render(<PluginOptimizationDashboard />);
  return userEvent.setup();
}

describe("the page of access", () => {
  it("is not there for an operator", async () => {
    open("?tab=access", "operator");
    await screen.findByTestId("verdict-sentence", {}, SLOW);
    expect(screen.queryByTestId("tab-access")).toBeNull();
    expect(sent("GET", "/tokens")).toEqual([]);
  });

  it("makes a token, shows its secret once, and revokes it after a question", async () => {
    const user = open("?tab=access");
    await screen.findByTestId("token-ci", {}, SLOW);
    expect(screen.getByTestId("token-grafana").textContent).toContain("ended");
    await user.type(screen.getByTestId("token-name"), "ci");
    await user.click(screen.getByTestId("token-create"));
    expect(screen.getByTestId("token-error").textContent).toContain("that name already");
    await user.type(screen.getByTestId("token-name"), "-deploy");
    await user.clear(screen.getByTestId("token-days"));
    await user.type(screen.getByTestId("token-days"), "400");
    await user.click(screen.getByTestId("token-create"));
    expect(screen.getByTestId("token-error").textContent).toContain("1 to 365");
    expect(sent("POST", "/tokens")).toEqual([]);
    await user.clear(screen.getByTestId("token-days"));
    await user.type(screen.getByTestId("token-days"), "30");
    await user.click(screen.getByTestId("token-create"));
    expect((await screen.findByTestId("secret", {}, SLOW)).textContent).toMatch(/^po_/);
    expect(sent("POST", "/tokens").map((call) => call.body)).toEqual([{ name: "ci-deploy", role: "viewer", days: 30 }]);
    await user.click(screen.getByTestId("close-secret"));
    expect(screen.queryByText(/po_/)).toBeNull();
    await user.click(await screen.findByTestId("revoke-ci-deploy", {}, SLOW));
    expect(sent("DELETE", "/tokens/ci-deploy")).toEqual([]);
    await user.click(screen.getByTestId("confirm-revoke"));
    await waitFor(() => expect(screen.queryByTestId("token-ci-deploy")).toBeNull(), SLOW);
  }, 60_000);

  it("lists who is inside, ends another's session but not the reader's own, and says where users are made", async () => {
    const user = open("?tab=access");
    const own = await screen.findByTestId("session-a1b2c3d4e5f60718", {}, SLOW);
    expect(within(own).queryByRole("button")).toBeNull();
    await user.click(screen.getByTestId("end-99aabbccddeeff00"));
    await waitFor(() => expect(screen.queryByTestId("session-99aabbccddeeff00")).toBeNull(), SLOW);
    expect(sent("DELETE", "/sessions/99aabbccddeeff00")).toHaveLength(1);
    expect(screen.getByText(/plugin-optimizer user add/)).toBeTruthy();
  }, 60_000);
});

describe("the page of the engine", () => {
  it("says in words that it is well, who runs it, how long a turn takes and how large the stores are", async () => {
    open("?tab=engine");
    expect((await screen.findByTestId("engine-status", {}, SLOW)).textContent).toContain("The engine is well");
    const facts = screen.getByTestId("engine-facts").textContent;
    expect(facts).toMatch(/This very server process does.*backoffice:4711.*took 40 ms · 6 plugins.*1 % of the 5 s.*None has failed.*fresh.*39.3 MiB/s);
    expect(await screen.findByText("Measuring began only 40 seconds ago.", {}, SLOW)).toBeTruthy();
  });

  it("says what is wrong and what to do", async () => {
    open("?tab=engine", "stopped");
    const status = await screen.findByTestId("engine-status", {}, SLOW);
    expect(status.textContent).toMatch(/needs action.*has stopped.*read its log/s);
    expect(screen.getByTestId("engine-facts").textContent).toMatch(/Nobody does.*92 % of the 5 s.*LeakDetector.*data of 2 plugins is old.*orders, menu.*12 samples were not believed/s);
  });

  it("shows who set the emergency stop to administrators, and says to others that it does not", async () => {
    open("?tab=engine");
    await screen.findByTestId("stop-state", {}, SLOW);
    await waitFor(() => expect(sent("GET", "/audit").map((call) => call.method)).toHaveLength(1), SLOW);
    expect(screen.getByTestId("stop-state").textContent).toContain("It is not set.");
  });

  it("keeps the stop's history from a viewer, and says so", async () => {
    open("?tab=engine", "viewer");
    await waitFor(() => expect(screen.getByTestId("stop-state").textContent).toContain("is shown to administrators"), SLOW);
    expect(sent("GET", "/audit")).toEqual([]);
  });
});

describe("the audit's filter", () => {
  it("narrows the list and the exports, stands in the address, and is taken away again", async () => {
    const user = open("?tab=audit");
    await screen.findByTestId("audit-120", {}, SLOW);
    await user.type(screen.getByTestId("audit-actor"), "admin{Enter}");
    await waitFor(() => expect(screen.queryByTestId("audit-119")).toBeNull(), SLOW);
    await screen.findByTestId("audit-116", {}, SLOW);
    expect(new URLSearchParams(window.location.search).get("filter")).toBe("actor=admin");
    for (const link of screen.getAllByRole<HTMLAnchorElement>("link", { name: /CSV|JSON/ })) expect(link.href).toMatch(/[?&]actor=admin/);
    await user.click(screen.getByTestId("audit-clear"));
    await screen.findByTestId("audit-119", {}, SLOW);
    expect(window.location.search).toBe("?tab=audit");
  }, 60_000);

  it("says that nothing fits", async () => {
    open("?tab=audit&filter=actor%3Dnobody");
    expect(await screen.findByText("No entry fits this filter.", {}, SLOW)).toBeTruthy();
  });
});
