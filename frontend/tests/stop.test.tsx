import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

async function stopEverything(reason: string) {
  const user = userEvent.setup();
  await user.click(await screen.findByTestId("stop", {}, SLOW));
  await screen.findByTestId("stop-reason", {}, SLOW);
  await user.keyboard(`${reason}{Enter}`);
  return user;
}

describe("the emergency stop", () => {
  it("is set by one click and Enter, says who, why and what it means, and gives the focus back", async () => {
    play("full");
    render(<PluginOptimizationDashboard />);
    await stopEverything("checkout fails");
    const banner = await screen.findByTestId("stop-banner", {}, SLOW);
    expect(banner.textContent).toMatch(/set by admin.*checkout fails.*is taken back/s);
    expect(sent("POST", "/emergency-stop").map((call) => call.body)).toEqual([{ reason: "checkout fails" }]);
    expect(screen.queryByTestId("confirm-stop")).toBeNull();
    expect(screen.getByTestId("stop").textContent).toBe("Stop is set");
  });

  it("can be set while nothing else has been answered", async () => {
    play("slow");
    render(<PluginOptimizationDashboard />);
    await stopEverything("");
    await screen.findByTestId("stop-banner", {}, SLOW);
    expect(screen.queryByTestId(/^plugin-row-/)).toBeNull();
  });

  it("is on every page", async () => {
    play("trouble");
    render(<PluginOptimizationDashboard />);
    const user = userEvent.setup();
    await screen.findByTestId("stop-banner", {}, SLOW);
    for (const tab of ["history", "audit", "overview"]) {
      await user.click(screen.getByTestId(`tab-${tab}`));
      expect(screen.getByTestId("stop-banner").textContent).toContain("kim");
    }
  });

  it("is ended only with the password, which is asked for when the server wants it", async () => {
    play("full");
    render(<PluginOptimizationDashboard />);
    const user = await stopEverything("");
    await user.click(await screen.findByTestId("arm", {}, SLOW));
    await user.click(await screen.findByTestId("confirm-arm", {}, SLOW));
    const password = await screen.findByTestId("arm-password", {}, SLOW);
    expect(document.activeElement).toBe(password);
    expect(screen.queryByTestId("arm-error")).toBeNull();
    await user.type(password, "wrong{Enter}");
    expect((await screen.findByTestId("arm-error", {}, SLOW)).textContent).toContain("password is not right");
    await user.clear(password);
    await user.type(password, "right{Enter}");
    await waitFor(() => expect(screen.queryByTestId("stop-banner")).toBeNull(), SLOW);
    expect(screen.getByTestId("stop").textContent).toBe("Emergency stop");
  });

  it("is set but not ended by an operator, and neither by a viewer", async () => {
    play("operator");
    const { unmount } = render(<PluginOptimizationDashboard />);
    await stopEverything("");
    expect((await screen.findByTestId("stop-banner", {}, SLOW)).textContent).toContain("Only an administrator");
    expect(screen.queryByTestId("arm")).toBeNull();
    unmount();
    play("viewer");
    render(<PluginOptimizationDashboard />);
    await screen.findByTestId("verdict-sentence", {}, SLOW);
    expect(screen.queryByTestId("stop")).toBeNull();
  });
});
