import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { calls, play } from "../dev/fixture-server.mjs";
import { SLOW, servesCannedAnswers } from "./canned";

servesCannedAnswers();

async function open() {
  window.history.replaceState(null, "", "/plugin-optimization/?tab=notifications");
  render(<PluginOptimizationDashboard />);
  return userEvent.setup();
}

describe("the page of notifications", () => {
  it("shows who is told, and what the other side answers to a test message, good or bad", async () => {
    const user = await open();
    const ops = await screen.findByTestId("channel-ops", {}, SLOW);
    expect(ops.textContent).toContain("payment");
    await user.click(within(ops).getByTestId("test-ops"));
    expect((await screen.findByTestId("trial-ops", {}, SLOW)).textContent).toContain("200 OK: ok");
    await user.click(screen.getByTestId("test-mail"));
    expect((await screen.findByTestId("trial-mail", {}, SLOW)).className).toContain("critical");
    const sent = calls.filter((call) => call.route === "/notifications/test").map((call) => call.body?.channel);
    expect(sent).toEqual(["ops", "mail"]);
  });

  it("filters messages and sends one again", async () => {
    const user = await open();
    await screen.findByTestId("dispatch-nt_2", {}, SLOW);
    await user.selectOptions(screen.getByTestId("outbox-state"), "given_up");
    await waitFor(() => expect(screen.queryByTestId("dispatch-nt_2")).toBeNull(), SLOW);
    await user.click(screen.getByTestId("retry-nt_3"));
    await waitFor(() => expect(calls.some((call) => call.method === "POST" && call.route === "/notifications/outbox/nt_3/retry")).toBe(true), SLOW);
  });

  it("counts the messages of other days when asked", async () => {
    const user = await open();
    const row = await screen.findByTestId("preview-ops", {}, SLOW);
    expect(within(row).getAllByRole("cell")[0]?.textContent).toMatch(/^18/);
    await user.selectOptions(screen.getByTestId("preview-days"), "30");
    await waitFor(() => expect(within(screen.getByTestId("preview-ops")).getAllByRole("cell")[0]?.textContent).toMatch(/^64/), SLOW);
  });

  it("lets operators look and retry, and only administrators test", async () => {
    play("operator");
    await open();
    const test = await screen.findByTestId<HTMLButtonElement>("test-ops", {}, SLOW);
    expect(test.disabled).toBe(true);
    expect(screen.queryByTestId("tab-audit")).toBeNull();
  });

  it("is not there for viewers", async () => {
    play("viewer");
    await open();
    await screen.findByTestId("tab-history", {}, SLOW);
    expect(screen.queryByTestId("tab-notifications")).toBeNull();
  });

  it("says how to begin where nobody is told anything", async () => {
    play("empty");
    await open();
    expect((await screen.findByTestId("notify-none", {}, SLOW)).textContent).toContain("[notify.channels.ops]");
  });
});
