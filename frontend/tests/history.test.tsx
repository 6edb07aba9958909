import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { calls, play } from "../dev/fixture-server.mjs";
import { SLOW, servesCannedAnswers } from "./canned";

servesCannedAnswers();

const asked = (route: string) => calls.filter((call) => call.route === route).map((call) => call.query);

describe("the history", () => {
  it("is filtered on the server, in the address, and in the files", async () => {
    play("full");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=history");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await screen.findByTestId("history-row-ex_1", {}, SLOW);
    await user.selectOptions(screen.getByTestId("filter-result"), "rolled_back");
    await waitFor(() => expect(screen.queryByTestId("history-row-ex_1")).toBeNull(), SLOW);
    expect(screen.getByTestId("history-row-ex_2")).toBeTruthy();
    await user.type(screen.getByTestId("filter-words"), "workers 12{Enter}");
    await waitFor(() => expect(asked("/history").at(-1)).toMatchObject({ result: "rolled_back", q: "workers 12" }), SLOW);
    expect(window.location.search).toContain("result=rolled_back&words=workers+12");
    const file = new URL((screen.getByTestId("export-csv") as HTMLAnchorElement).href);
    expect(file.pathname.endsWith("/history.csv")).toBe(true);
    expect(Object.fromEntries(file.searchParams)).toEqual({ lang: "en", result: "rolled_back", q: "workers 12" });
    await user.click(screen.getByTestId("clear-filters"));
    expect(await screen.findByTestId("history-row-ex_1", {}, SLOW)).toBeTruthy();
    expect(window.location.search).toBe("?tab=history");
  });

  it("says in words what the statistics of a verdict mean", async () => {
    play("full");
    window.history.replaceState(null, "", "/plugin-optimization/?execution=ex_1");
    render(<PluginOptimizationDashboard />);
    const words = await screen.findByTestId("words-ex_1", {}, SLOW);
    expect(words.textContent).toContain("8 windows and 560 requests");
    expect(words.textContent).toContain("chance hardly explains it");
  });
});

describe("the track record", () => {
  it("tells how changes turned out, what was spared and how, and how well predictions held", async () => {
    play("full");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=history&section=record");
    render(<PluginOptimizationDashboard />);
    expect((await screen.findByTestId("record-kept", {}, SLOW)).textContent).toBe("14");
    expect(screen.getByTestId("record-spared").textContent).toContain("13");
    expect(screen.getByTestId("track-record").textContent).toContain("by replay");
    expect((await screen.findByTestId("calibration", {}, SLOW)).textContent).toContain("9 of 11");
  });
});
