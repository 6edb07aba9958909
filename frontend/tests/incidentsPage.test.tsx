import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { calls, play, type Scenario } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

function open(scenario: Scenario, search = "?tab=incidents") {
  play(scenario);
  window.history.replaceState(null, "", `/plugin-optimization/${search}`);
  render(<PluginOptimizationDashboard />);
  return userEvent.setup();
}

const asked = () => calls.filter((call) => call.route === "/incidents/past" && call.query.limit !== "1").map((call) => call.query);
const rows = () => screen.queryAllByTestId(/^incident-(?!detail)/).filter((row) => row.tagName === "LI");

describe("the incidents", () => {
  it("say in one sentence what and why, and lead to the suggestion and the execution", async () => {
    const user = open("full");
    const why = await screen.findByTestId(/^why-orders/, {}, SLOW);
    expect(why.textContent).toContain("Changed from outside workers: 4 → 2");
    const row = why.closest("li") as HTMLElement;
    expect(row.dataset.severity).toBe("critical");
    expect(await within(row).findByTestId("to-suggestion-sg_1", {}, SLOW)).toBeTruthy();
    expect(screen.getByTestId("incidents-open-count").textContent).toBe("2");
    const ended = await screen.findByTestId("to-execution-ex_1", {}, SLOW);
    expect(ended.getAttribute("href")).toBe("?execution=ex_1");
    await user.click(within(row).getByTestId(/^open-incident-orders/));
    expect(window.location.search).toContain("open%3Dorders-saturation");
    expect((await screen.findByTestId(/^incident-detail-orders/, {}, SLOW)).textContent).toContain("25s later");
    expect(await screen.findByTestId("finding-orders-queue_wait_seconds", {}, SLOW)).toBeTruthy();
    await user.click(within(row).getByTestId("to-suggestion-sg_1"));
    await waitFor(() => expect(document.activeElement?.id).toBe("title-sg_1"), SLOW);
  });

  it("are called no problem by one click, and that is taken back by another", async () => {
    const user = open("full");
    const button = await screen.findByTestId("no-problem-throughput_per_second-deviation", {}, SLOW);
    await user.click(button);
    await user.click(await screen.findByTestId("undo-no-problem-fb_0", {}, SLOW));
    expect(await screen.findByTestId("no-problem-throughput_per_second-deviation", {}, SLOW)).toBeTruthy();
    expect(sent("POST", "/plugins/reservations/anomalies/no-problem")).toHaveLength(1);
    expect(sent("POST", "/anomaly-feedback/fb_0/undo")).toHaveLength(1);
  });

  it("are filtered and paged on the server, in the address, and in the files", async () => {
    const user = open("full");
    await screen.findByTestId("incident-in_0", {}, SLOW);
    await user.click(await screen.findByTestId("incidents-more", {}, SLOW));
    await waitFor(() => expect(asked().some((query) => query.after)).toBe(true), SLOW);
    await user.selectOptions(screen.getByTestId("incidents-severity"), "critical");
    await waitFor(() => expect(asked().at(-1)).toMatchObject({ severity: "critical" }), SLOW);
    await waitFor(() => expect(screen.queryByTestId("incident-in_0")).toBeNull(), SLOW);
    expect(rows().every((row) => row.dataset.severity === "critical")).toBe(true);
    expect(window.location.search).toBe("?tab=incidents&filter=severity%3Dcritical");
    const file = new URL((screen.getByTestId("incidents-csv") as HTMLAnchorElement).href);
    expect([file.pathname.endsWith("/incidents/past.csv"), file.searchParams.get("severity")]).toEqual([true, "critical"]);
    await user.click(screen.getByTestId("incidents-clear"));
    expect(await screen.findByTestId("incident-in_0", {}, SLOW)).toBeTruthy();
    expect(window.location.search).toBe("?tab=incidents");
  });

  it("that hurt nobody are counted, and shown when they are asked for", async () => {
    const user = open("full");
    await user.click(await screen.findByTestId("incidents-all", {}, SLOW));
    expect(await screen.findByTestId(/^incident-reports-shift/, {}, SLOW)).toBeTruthy();
  });

  it("have states that say what they are: none, refused, old, gone", async () => {
    open("empty");
    expect((await screen.findByTestId("incidents-none", {}, SLOW)).textContent).toContain("Nothing is wrong now");
    expect(await screen.findByTestId("incidents-past-none", {}, SLOW)).toBeTruthy();
  });

  it("are never called none where they could not be asked for", async () => {
    open("error");
    expect((await screen.findAllByTestId("error", {}, SLOW)).length).toBeGreaterThan(0);
    expect(screen.queryByTestId("incidents-none")).toBeNull();
  });

  it("are old where the engine does not turn, and a link to what is no longer listed says so", async () => {
    open("stopped", "?tab=incidents&filter=open%3Dnowhere");
    expect(await screen.findByTestId("incidents-stale", {}, SLOW)).toBeTruthy();
    expect(await screen.findByTestId("incident-gone", {}, SLOW)).toBeTruthy();
  });
});
