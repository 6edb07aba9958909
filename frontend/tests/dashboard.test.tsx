import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

describe("the dashboard", () => {
  it("says first whether everything is all right, and lists plugins worst first", async () => {
    play("full");
    render(<PluginOptimizationDashboard />);
    expect((await screen.findByTestId("verdict-sentence", {}, SLOW)).textContent).toContain("2 plugins need action");
    const rows = (await screen.findAllByTestId(/^plugin-row-/, {}, SLOW)).map((row) => row.dataset.testid);
    expect(rows[0]).toBe("plugin-row-orders");
    expect(rows.at(-1)).toBe("plugin-row-menu");
  });

  it("executes once on a double click, with the revision, a key and the session's token", async () => {
    play("full");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.dblClick(await screen.findByTestId("execute-sg_1", {}, SLOW));
    await waitFor(() => expect(sent("POST", "/execute/sg_1")).toHaveLength(1), SLOW);
    const [call] = sent("POST", "/execute/sg_1");
    expect(call?.body).toEqual({ revision: 3 });
    expect(call?.headers["idempotency-key"]).toMatch(/^[0-9a-f]{32}$/);
    expect(call?.headers["x-csrf-token"]).toBe("t0");
  });

  it("asks once where the risk is high, with the focus on cancelling", async () => {
    play("full");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("execute-sg_3", {}, SLOW));
    const confirm = await screen.findByTestId("confirm-execute", {}, SLOW);
    expect(document.activeElement).toBe(screen.getByTestId("cancel-execute"));
    expect(sent("POST", "/execute/sg_3")).toHaveLength(0);
    await user.dblClick(confirm);
    await waitFor(() => expect(sent("POST", "/execute/sg_3")).toHaveLength(1), SLOW);
  });

  it("does nothing when the dialog is cancelled", async () => {
    play("full");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("execute-sg_3", {}, SLOW));
    await user.click(await screen.findByTestId("cancel-execute", {}, SLOW));
    expect(screen.queryByTestId("confirm-execute")).toBeNull();
    expect(sent("POST", "/execute/sg_3")).toHaveLength(0);
  });

  it("shows what changed meanwhile and asks again, for the revision that was read", async () => {
    play("changed");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("execute-sg_1", {}, SLOW));
    const notice = await screen.findByTestId("changed-suggestion", {}, SLOW);
    expect(notice.textContent).toContain("Raise workers from 2 to 4");
    expect(screen.getByRole("alertdialog").textContent).toContain("Raise workers from 2 to 5");
    expect(document.activeElement).toBe(screen.getByTestId("cancel-execute"));
    await user.click(screen.getByTestId("confirm-execute"));
    await waitFor(() => expect(sent("POST", "/execute/sg_1").map((call) => call.body)).toEqual([{ revision: 3 }, { revision: 4 }]), SLOW);
  });

  it("says in words why the server refused", async () => {
    play("refused");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("execute-sg_1", {}, SLOW));
    expect((await screen.findByTestId("refused-sg_1", {}, SLOW)).textContent).toBe("Changes are made only within: Mon-Fri 22:00-06:00 Asia/Seoul");
  });

  it("says why a button cannot be pressed", async () => {
    play("viewer");
    render(<PluginOptimizationDashboard />);
    const button = (await screen.findByTestId("execute-sg_1", {}, SLOW)) as HTMLButtonElement;
    expect(button.disabled).toBe(true);
    expect(document.getElementById(button.getAttribute("aria-describedby") ?? "")?.textContent).toContain("operator");
  });

  it("shows a running execution in the state the server reports", async () => {
    play("full");
    render(<PluginOptimizationDashboard />);
    const card = await screen.findByTestId("execution-ex_3", {}, SLOW);
    expect(within(card).getByTestId("execution-state").dataset.state).toBe("verifying");
  });

  it("is neither green nor loading when the server fails", async () => {
    play("error");
    render(<PluginOptimizationDashboard />);
    const sentence = await screen.findByTestId("verdict-sentence", {}, SLOW);
    expect(sentence.textContent).toContain("cannot be reached");
    await waitFor(() => expect(screen.getAllByTestId("error").length).toBeGreaterThan(0), SLOW);
    expect(screen.getByTestId("connection").dataset.state).toBe("lost");
  });

  it("says why there is nothing to suggest", async () => {
    play("empty");
    render(<PluginOptimizationDashboard />);
    expect(await screen.findByText(/Measuring began only 40 seconds ago/, {}, SLOW)).toBeTruthy();
    expect(screen.getByTestId("empty-plugins")).toBeTruthy();
  });
});

describe("the login", () => {
  it("tells a wrong password from too many attempts, and lets the right one in", async () => {
    play("login");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    const password = await screen.findByTestId("password", {}, SLOW);
    await user.type(screen.getByTestId("username"), "admin");
    await user.type(password, "wrong{Enter}");
    expect((await screen.findByTestId("login-error", {}, SLOW)).textContent).toContain("not right");
    await user.clear(password);
    await user.type(password, "often{Enter}");
    await waitFor(() => expect(screen.getByTestId("login-error").textContent).toContain("42 seconds"), SLOW);
    await user.clear(password);
    await user.type(password, "right{Enter}");
    expect(await screen.findByTestId("verdict-sentence", {}, SLOW)).toBeTruthy();
  });
});

describe("the history", () => {
  it("opens by its address and shows each verdict with its numbers", async () => {
    play("full");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=history");
    render(<PluginOptimizationDashboard />);
    expect((await screen.findByTestId("verdict-ex_1", {}, SLOW)).textContent).toContain("2.3 s to 0.31 s");
    expect(screen.getByTestId("rollback-ex_1")).toBeTruthy();
    expect(screen.queryByTestId("rollback-ex_2")).toBeNull();
  });

  it("rolls back by one click that says what comes back, once however often it is clicked", async () => {
    play("full");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=history");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    const button = await screen.findByTestId("rollback-ex_1", {}, SLOW);
    expect(button.textContent).toBe("Back to 2");
    await user.dblClick(button);
    await waitFor(() => expect(sent("POST", "/executions/ex_1/rollback")).toHaveLength(1), SLOW);
  });
});
