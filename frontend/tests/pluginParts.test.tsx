import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { play, type Scenario } from "../dev/fixture-server.mjs";
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
