import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

describe("what needs somebody", () => {
  it.each([["en", "workers now", "cannot be read", "If that value is meant, close this"], ["ko", "지금 workers", "읽을 수 없음", "그 값이 맞으면 닫으세요"]])(
    "stands with what runs now and what can be done (%s)",
    async (lang, now, unread, advice) => {
      localStorage.setItem("po-lang", lang);
      play("trouble");
      render(<PluginOptimizationDashboard />);
      const read = await screen.findByTestId("needs-you-ex_24", {}, SLOW);
      expect(within(read).getByTestId("present-now").textContent).toBe("300");
      expect(read.textContent).toContain(advice);
      const unreadable = screen.getByTestId("needs-you-ex_25");
      expect(unreadable.textContent).toContain(now);
      expect(within(unreadable).getByTestId("present-now").textContent).toBe(unread);
    },
  );

  it("is closed by keyboard alone, with a note, and said to be closed where the focus goes on", async () => {
    play("trouble");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    (await screen.findByTestId("close-ex_24", {}, SLOW)).focus();
    await user.keyboard("{Enter}");
    const note = await screen.findByTestId("close-note", {}, SLOW);
    expect(screen.getByRole("alertdialog").textContent).toContain("300");
    expect(document.activeElement).toBe(note);
    await user.keyboard("as meant{Enter}");
    const said = await screen.findByTestId("just-closed", {}, SLOW);
    await waitFor(() => expect(document.activeElement).toBe(said), SLOW);
    expect(said.getAttribute("role")).toBe("status");
    expect(said.textContent).toContain("as meant");
    await waitFor(() => expect(screen.queryByTestId("needs-you-ex_24")).toBeNull(), SLOW);
    expect(screen.getByTestId("needs-you-count").textContent).toBe("1");
    expect(await screen.findByText(/1 needs you/, {}, SLOW)).toBeTruthy();
    const [call] = sent("POST", "/executions/ex_24/close");
    expect(call?.body).toEqual({ note: "as meant" });
    expect(call?.headers["x-csrf-token"]).toBe("t0");
    expect(call?.headers["idempotency-key"]).toBeTruthy();
  });

  it("leaves its word on the page when the last of it is closed", async () => {
    play("trouble");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    for (const id of ["ex_24", "ex_25"]) {
      await user.click(await screen.findByTestId(`close-${id}`, {}, SLOW));
      await user.click(await screen.findByTestId("confirm-close", {}, SLOW));
      await waitFor(() => expect(screen.queryByTestId(`needs-you-${id}`)).toBeNull(), SLOW);
    }
    expect(screen.getByTestId("just-closed").textContent).toContain("inventory");
    expect(screen.getByTestId("needs-you-count").textContent).toBe("0");
    expect(screen.queryByText(/need you|needs you/)).toBeNull();
  });

  it("is counted in full and shown page by page, however many they are", async () => {
    play("crowd");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    const section = await screen.findByTestId("needs-you", {}, SLOW);
    expect(screen.getByTestId("needs-you-count").textContent).toBe("57");
    expect(await screen.findByText(/57 need you/, {}, SLOW)).toBeTruthy();
    expect(within(section).getAllByRole("article")).toHaveLength(50);
    expect(section.textContent).toContain("50 of 57");
    await user.click(screen.getByTestId("needs-you-more"));
    await waitFor(() => expect(within(section).getAllByRole("article")).toHaveLength(57), SLOW);
    expect(screen.queryByTestId("needs-you-more")).toBeNull();
  });

  it("stays where closing is refused, and says why", async () => {
    play("raced");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("close-ex_24", {}, SLOW));
    await user.click(await screen.findByTestId("confirm-close", {}, SLOW));
    expect((await screen.findByRole("alert", {}, SLOW)).textContent).toContain("Undoing");
    expect(screen.getByTestId("needs-you-count").textContent).toBe("2");
  });
});

describe("in the history", () => {
  it("it can be closed as well, and says then who has looked", async () => {
    play("trouble");
    window.history.replaceState(null, "", "/plugin-optimization/?tab=history");
    const user = userEvent.setup();
    render(<PluginOptimizationDashboard />);
    await user.click(await screen.findByTestId("close-ex_25", {}, SLOW));
    await user.click(await screen.findByTestId("confirm-close", {}, SLOW));
    await waitFor(() => expect(screen.getByTestId("trouble-ex_25").textContent).toMatch(/Looked at.*admin has looked/s), SLOW);
    expect(screen.queryByTestId("close-ex_25")).toBeNull();
  });
});
