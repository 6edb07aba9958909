import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

describe("executions off the planned way", () => {
  it.each(["ko", "en"])("say what happened, what the engine does and what a person should do (%s)", async (lang) => {
    localStorage.setItem("po-lang", lang);
    play("trouble");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=history");
    render(<PluginOptimizationDashboard />);
    for (const id of ["ex_20", "ex_21", "ex_22", "ex_23", "ex_24", "ex_25"]) {
      const note = await screen.findByTestId(`trouble-${id}`, {}, SLOW);
      const answers = within(note).getAllByRole("definition").map((answer) => answer.textContent ?? "");
      expect(answers).toHaveLength(3);
      for (const answer of answers) expect(answer, id).not.toMatch(/trouble\.|\{|^\s*$/);
    }
  });

  it("differ by word and icon, not by colour alone", async () => {
    play("trouble");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=history");
    render(<PluginOptimizationDashboard />);
    const rows = await Promise.all([20, 21, 22, 23, 24].map((n) => screen.findByTestId(`history-row-ex_${n}`, {}, SLOW)));
    const marks = rows.map((row) => row.querySelector(".mark-trouble"));
    expect(new Set(marks.map((mark) => mark?.textContent)).size).toBe(5);
    expect(new Set(marks.map((mark) => mark?.querySelector("path")?.getAttribute("d"))).size).toBe(5);
  });

  it("that need somebody stand before the verdict, are counted, and are not listed as running", async () => {
    play("trouble");
    render(<PluginOptimizationDashboard />);
    const section = await screen.findByTestId("needs-you", {}, SLOW);
    const verdict = await screen.findByTestId("verdict-sentence", {}, SLOW);
    expect(section.compareDocumentPosition(verdict) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    expect(within(section).getAllByRole("article")).toHaveLength(2);
    expect(await screen.findByText(/2 need you/, {}, SLOW)).toBeTruthy();
    await screen.findByTestId("execution-ex_20", {}, SLOW);
    expect(screen.queryByTestId("execution-ex_24")).toBeNull();
  });
});

describe("a resting suggestion", () => {
  it("says until when and why", async () => {
    play("trouble");
    render(<PluginOptimizationDashboard />);
    const row = await screen.findByTestId("resting-sg_8", {}, SLOW);
    expect(row.textContent).toMatch(/Not executed until.*in 18 min.*undone before/s);
  });
});

describe("the audit", () => {
  it("shows the check of the chain and, page by page, every entry", async () => {
    play("full");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=audit");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    expect((await screen.findByTestId("audit-check", {}, SLOW)).textContent).toContain("All 120 entries");
    await screen.findByTestId("audit-120", {}, SLOW);
    await user.click(screen.getByText("Show more"));
    await screen.findByTestId("audit-21", {}, SLOW);
    await user.click(screen.getByText("Show more"));
    await screen.findByTestId("audit-1", {}, SLOW);
    expect(screen.getAllByTestId(/^audit-\d+$/)).toHaveLength(120);
    expect(screen.queryByText("Show more")).toBeNull();
  });

  it("says loudly where an entry was changed, and that nothing is changed any more", async () => {
    play("trouble");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=audit");
    render(<PluginOptimizationDashboard />);
    const check = await screen.findByTestId("audit-check", {}, SLOW);
    expect(check.getAttribute("role")).toBe("alert");
    expect(check.textContent).toMatch(/Entry 87.*changes nothing/s);
  });

  it("is not asked for by who is no administrator", async () => {
    play("operator");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=audit");
    render(<PluginOptimizationDashboard />);
    await screen.findByTestId("verdict-sentence", {}, SLOW);
    expect(screen.queryByTestId("tab-audit")).toBeNull();
    expect(sent("GET", "/audit")).toEqual([]);
  });
});
