import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

describe("a dry run", () => {
  it("says that nothing was changed, what was looked at and what would be done", async () => {
    play("full");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("dry-run-sg_1", {}, SLOW));
    const report = await screen.findByTestId("rehearsal-sg_1", {}, SLOW);
    expect(report.dataset.passes).toBe("true");
    expect(report.textContent).toContain("Nothing was changed");
    expect(report.textContent).toContain("Turn workers of orders from 2 to 4");
    expect(sent("POST", "/execute/sg_1/dry-run").map((call) => call.body)).toEqual([{ revision: 3 }]);
    expect(sent("POST", "/execute/sg_1")).toHaveLength(0);
  });

  it("names what stands in the way", async () => {
    play("refused");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("dry-run-sg_1", {}, SLOW));
    const report = await screen.findByTestId("rehearsal-sg_1", {}, SLOW);
    expect(report.dataset.passes).toBe("false");
    expect([...report.querySelectorAll("li.tone-warning")].map((item) => (item as HTMLElement).dataset.check)).toEqual(["calendar", "value"]);
  });
});

describe("snoozing", () => {
  it("asks how much worse and how long at most, and sends that", async () => {
    play("full");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("snooze-sg_1", {}, SLOW));
    const confirm = await screen.findByTestId("confirm-snooze", {}, SLOW);
    await user.click(within(screen.getByRole("alertdialog")).getByLabelText(/50 % worse/));
    await user.click(within(screen.getByRole("alertdialog")).getByLabelText("30 days"));
    await user.type(within(screen.getByRole("alertdialog")).getByLabelText(/Reason/), "after the sale");
    await user.click(confirm);
    await waitFor(() => expect(sent("POST", "/suggestions/sg_1/snooze").map((call) => call.body)).toEqual([{ worse_by: 0.5, hours: 720, reason: "after the sale" }]), SLOW);
  });

  it("keeps what waits folded, says how bad it was and is, and wakes it", async () => {
    play("full");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    const list = (await screen.findByTestId("snoozed", {}, SLOW)) as HTMLDetailsElement;
    expect(list.open).toBe(false);
    expect(list.textContent).toContain("591 MiB then, 629 MiB now");
    await user.click(within(list).getByTestId("wake-sg_30"));
    await waitFor(() => expect(sent("POST", "/suggestions/sg_30/wake")).toHaveLength(1), SLOW);
  });
});
