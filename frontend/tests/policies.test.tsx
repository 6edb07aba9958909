import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { dropDraft } from "@/lib/drafts";
import { changesOf, parse, textOf } from "@/lib/policyDraft";
import type { PolicyField, PolicyView } from "@/lib/policyTypes";
import { play } from "../dev/fixture-server.mjs";
import { meddle } from "../dev/policyFixtures.mjs";
import known from "../dev/policies.json";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();
afterEach(() => ["default", "orders"].forEach(dropDraft));

const schema = known.schema.en as PolicyField[];
const field = (name: string) => schema.find((each) => each.name === name) as PolicyField;

async function open(query = "") {
  window.history.replaceState(null, "", `/plugin-optimization/?tab=policies${query}`);
  render(<PluginOptimizationDashboard />);
  await screen.findByTestId("policy-max_workers", {}, SLOW);
  return userEvent.setup();
}

const input = (name: string) => screen.getByTestId<HTMLInputElement>(`policy-${name}`);

async function type(user: ReturnType<typeof userEvent.setup>, name: string, text: string) {
  await user.clear(input(name));
  if (text) await user.type(input(name), text);
}

describe("what is typed", () => {
  it("is percent for shares, MiB for bytes, a line for each window, and comes back as it was", () => {
    for (const each of schema) {
      const value = each.name === "windows" ? ["Mon 22:00-06:00 Asia/Seoul", "Tue 22:00-06:00 Asia/Seoul"] : each.name === "memory_limit_bytes" ? 512 * 2 ** 20 : each.default;
      expect(parse(each, textOf(each, value)), each.name).toEqual({ value });
    }
    expect(textOf(field("error_ratio"), 0.07)).toBe("7");
    expect(textOf(field("memory_limit_bytes"), 512 * 2 ** 20)).toBe("512");
  });

  it("is refused where the server would refuse it, with the range in the unit that is typed", () => {
    expect(parse(field("cpu_ratio"), "100")).toEqual({ value: 1 });
    expect(parse(field("cpu_ratio"), "0")).toMatchObject({ misfit: { key: "policy.above", variables: { least: "0", most: "100" } } });
    expect(parse(field("max_workers"), "2.5")).toMatchObject({ misfit: { key: "policy.noInteger" } });
    expect(parse(field("max_workers"), "many")).toMatchObject({ misfit: { key: "policy.noNumber" } });
    expect(parse(field("max_workers"), "")).toMatchObject({ misfit: { key: "policy.needed" } });
    expect(parse(field("memory_limit_bytes"), "")).toEqual({ value: null });
  });

  it("becomes changes only where something is otherwise; null takes back what was set here", () => {
    const base = { policy: known.default, inherited: { ...known.default, max_connections: 5 }, own: ["mode"], source: {}, plugin_id: "orders" } as unknown as PolicyView;
    const { given, misfits } = changesOf(schema, base, { cpu_ratio: "80", max_workers: "16", mode: null, min_workers: null, max_connections: "" });
    expect(given).toEqual({ max_workers: 16, mode: null });
    expect(misfits).toEqual({});
    const held = { ...base, policy: { ...known.default, max_connections: 5 } } as PolicyView;
    expect(Object.keys(changesOf(schema, held, { max_connections: "" }).misfits)).toEqual(["max_connections"]);
  });
});

describe("the page of policies", () => {
  it("says who gave each value that is not built in, saves only what was changed, and takes it back", async () => {
    play("full");
    const user = await open("&plugin=orders");
    expect(input("max_workers").value).toBe("8");
    expect(document.getElementById("policy-max_workers-from")?.textContent).toBe("set for this plugin");
    expect(document.getElementById("policy-min_workers-from")).toBeNull();
    expect(input("min_workers").getAttribute("aria-describedby")).toBe("policy-min_workers-help");
    expect(input("max_workers").getAttribute("aria-describedby")).toBe("policy-max_workers-help policy-max_workers-from");
    await type(user, "min_workers", "3");
    await user.click(screen.getByTestId("return-max_workers"));
    expect(screen.getByTestId("save-bar").textContent).toMatch(/2 changes.*Fewest workers: 1 → 3.*Most workers: 8 → 32/s);
    await user.click(screen.getByTestId("policy-save"));
    await screen.findByTestId("policy-saved", {}, SLOW);
    expect(sent("PATCH", "/policies/orders").map((call) => call.body)).toEqual([{ min_workers: 3, max_workers: null }]);
    expect(input("max_workers").value).toBe("32");
  }, 60_000);

  it("puts what is wrong at its field, keeps what was typed, and does not save", async () => {
    play("full");
    const user = await open("&plugin=orders");
    await type(user, "cpu_ratio", "150");
    expect(screen.getByTestId("policy-cpu_ratio-error").textContent).toBe("Expected more than 0 and at most 100");
    expect(input("cpu_ratio").getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByTestId<HTMLButtonElement>("policy-save").disabled).toBe(true);
    await type(user, "cpu_ratio", "70");
    await type(user, "min_workers", "9");
    await user.click(screen.getByTestId("policy-save"));
    expect((await screen.findByTestId("policy-min_workers-error", {}, SLOW)).textContent).toContain("more than the most workers");
    expect([input("min_workers").value, input("cpu_ratio").value]).toEqual(["9", "70"]);
  }, 60_000);

  it("shows what somebody else changed meanwhile, and keeps what was typed", async () => {
    play("full");
    const user = await open("&plugin=orders");
    await type(user, "max_workers", "6");
    meddle("orders", { max_workers: 12, settle_seconds: 5 });
    await user.click(screen.getByTestId("policy-save"));
    const moved = await screen.findByTestId("policy-moved", {}, SLOW);
    expect(moved.textContent).toMatch(/Most workers: 8 → 12 \(you typed here, too\).*settle.*60 s → 5 s/s);
    expect(input("max_workers").value).toBe("6");
    expect(screen.getByTestId<HTMLButtonElement>("policy-save").disabled).toBe(true);
    await user.click(screen.getByTestId("policy-go-on"));
    expect(screen.getByTestId("save-bar").textContent).toContain("12 → 6");
    await user.click(screen.getByTestId("policy-save"));
    await screen.findByTestId("policy-saved", {}, SLOW);
    expect(sent("PATCH", "/policies/orders").at(-1)?.body).toEqual({ max_workers: 6 });
  }, 60_000);

  it("loses nothing when another tab is looked at, and asks before the page is closed", async () => {
    play("full");
    const user = await open();
    await type(user, "max_workers", "20");
    await user.click(screen.getByTestId("tab-history"));
    await user.click(screen.getByTestId("tab-policies"));
    await screen.findByTestId("save-bar", {}, SLOW);
    expect(input("max_workers").value).toBe("20");
    const closing = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(closing);
    expect(closing.defaultPrevented).toBe(true);
    await user.click(screen.getByTestId("policy-discard"));
    expect(input("max_workers").value).toBe("32");
    const leaving = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(false);
  }, 60_000);

  it("previews what the changed policy would have done, and says when it is about other values", async () => {
    play("full");
    const user = await open();
    expect(screen.getByTestId<HTMLButtonElement>("preview-start").disabled).toBe(true);
    await user.click(screen.getByTestId("mode-automatic"));
    await user.click(screen.getByTestId("preview-start"));
    const result = await screen.findByTestId("preview-result", {}, SLOW);
    expect(sent("POST", "/policies/default/preview").map((call) => call.body)).toEqual([{ changes: { mode: "automatic" }, days: 7 }]);
    expect(result.textContent).toMatch(/2 suggestions would have been different. 4 more changes would have been executed. 212 minutes/);
    expect(within(screen.getByTestId("preview.executed")).getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["0", "4"]);
    expect(result.textContent).toContain("Only 5.2 d of the 7 d");
    expect(screen.queryByTestId("preview-outdated")).toBeNull();
    await type(user, "max_workers", "20");
    await screen.findByTestId("preview-outdated", {}, SLOW);
    expect(sent("PATCH", "/policies/default")).toEqual([]);
  }, 60_000);

  it("can be cancelled while it is computed", async () => {
    play("full");
    const user = await open();
    await user.click(screen.getByTestId("mode-automatic"));
    await user.click(screen.getByTestId("preview-start"));
    await user.click(await screen.findByTestId("preview-cancel", {}, SLOW));
    await waitFor(() => expect(screen.getByTestId("preview").textContent).toContain("was cancelled"), SLOW);
    expect(sent("DELETE", "/policy-previews/pv_1")).toHaveLength(1);
  }, 60_000);

  it("lets a viewer see everything, change nothing, and says why", async () => {
    play("viewer");
    await open("&plugin=orders");
    expect(screen.getByTestId("policy-why-not").textContent).toContain("Only an administrator");
    for (const box of screen.getAllByRole("textbox").filter((each) => each.id.startsWith("policy-"))) expect(box).toHaveProperty("disabled", true);
    expect(screen.queryByTestId("preview")).toBeNull();
    expect(screen.queryByTestId(/^return-/)).toBeNull();
  }, 60_000);
});
