import { describe, expect, it } from "vitest";
import { incidentsAddress, isNarrowed, parseIncidentFilter, pastQuery, writeIncidentFilter } from "@/lib/incidentFilter";
import { changesBefore, isNamed, narrowed, reasonOf, runsSince, stretchAround, suggestionsFor, unusualIn, wordOn } from "@/lib/incidents";
import type { FeedbackWord, Incident, IncidentPart, PastIncident } from "@/lib/incidentTypes";
import type { Execution, Severity, Suggestion } from "@/lib/types";
import { parseView } from "@/lib/urlState";

const NOON = Date.parse("2026-11-30T12:00:00Z");
const at = (minute: number) => new Date(NOON + minute * 60_000).toISOString();

const part = (kind: string, evidence: string[] = []): IncidentPart => ({
  plugin_id: "orders", after_seconds: 0,
  finding: { kind, metric: "cpu_ratio", severity: "warning", score: 1, since: at(0), value: 1, limit: 1, text: kind, evidence: evidence.map((text) => ({ code: text, params: {}, text })) },
});
const incident = (severity: Severity, parts = [part("deviation")], more: Partial<Incident> = {}): Incident => ({ id: severity, severity, since: at(0), plugin_ids: ["orders"], text: "t", parts, changes: [], ...more });
const mark = (minute: number, text: string) => ({ at: at(minute), kind: "setting" as const, text, execution_id: null, by: null, audit_number: null });

describe("the address of the incidents", () => {
  it("holds what is looked for and what is open, and gives it back", () => {
    const filter = { plugin: "orders", severity: "critical", from: "2026-11-01", open: "in_1" };
    const address = incidentsAddress(filter);
    expect(parseView(address)).toMatchObject({ tab: "incidents", filter: expect.any(String) });
    expect(parseIncidentFilter(parseView(address).filter)).toEqual(filter);
    expect(writeIncidentFilter({ severity: "warning" })).toBeNull();
    expect([isNarrowed({}), isNarrowed({ open: "in_1" }), isNarrowed({ severity: "info" }), isNarrowed({ to: "2026-11-01" })]).toEqual([false, false, true, true]);
  });

  it("asks for warnings or worse unless told otherwise, and for whole days", () => {
    expect(pastQuery({}).severity).toBe("warning");
    expect(pastQuery({ severity: "info" }).severity).toBeUndefined();
    expect(pastQuery({ severity: "nonsense" }).severity).toBe("warning");
    const { from, to } = pastQuery({ from: "2026-11-30", to: "2026-11-30" });
    expect(Date.parse(to ?? "") - Date.parse(from ?? "")).toBe(86_400_000);
  });
});

describe("why it is so", () => {
  it("is a change just before, the latest first; else the evidence; else what followed; else it is not known", () => {
    const changed = incident("warning", [part("shift", ["because"])], { changes: [mark(-9, "early"), mark(-1, "late")] });
    expect(reasonOf(changed)).toMatchObject({ is: "change", change: { words: "late" }, secondsBefore: 60, more: 1 });
    expect(reasonOf(incident("warning", [part("shift", ["because"])]))).toEqual({ is: "evidence", text: "because" });
    expect(reasonOf(incident("warning", [part("shift"), part("error")]))).toEqual({ is: "more", parts: 1 });
    expect(reasonOf(incident("warning"))).toEqual({ is: "unknown" });
  });

  it("leads to the execution that turned the setting, where it was one of ours", () => {
    const past: PastIncident = {
      ...incident("warning"), until: at(5), duration_seconds: 300, executions: [],
      changes: [{ at: at(-2), plugin_id: "orders", knob: "workers", before: 4, after: 2, by: "ex_1" }, { at: at(-1), plugin_id: "orders", knob: "workers", before: 2, after: 3, by: "outside" }],
    };
    expect(changesBefore(past).map(({ executionId, by }) => [executionId, by])).toEqual([[null, "outside"], ["ex_1", null]]);
  });
});

describe("incidents", () => {
  it("are narrowed by severity and by any plugin that was struck", () => {
    const all = [incident("critical", undefined, { plugin_ids: ["menu", "orders"] }), incident("info")];
    expect(narrowed(all, "warning").map(({ id }) => id)).toEqual(["critical"]);
    expect(narrowed(all, "info", "menu").map(({ id }) => id)).toEqual(["critical"]);
    expect(narrowed(all, "info")).toHaveLength(2);
  });

  it("are found by their name while their onset moves a little, something earlier is found, and once they are over", () => {
    const minute = NOON / 60_000;
    const found = incident("warning", [part("error"), part("deviation")], { id: `orders-error-${minute}` });
    expect([found.id, `orders-error-${minute + 1}`, `orders-deviation-${minute}`].map((name) => isNamed(found, name))).toEqual([true, true, true]);
    expect([undefined, "in_1", `menu-error-${minute}`, `orders-leak-${minute}`, `orders-error-${minute + 9}`].some((name) => isNamed(found, name))).toBe(false);
  });

  it("lead to the open suggestions that rest on them, and to what was executed since", () => {
    const suggestion = (id: string, kind: string, state = "open") => ({ id, plugin_id: "orders", state, details: { findings: [part(kind).finding] } }) as unknown as Suggestion;
    const all = [suggestion("sg_1", "deviation"), suggestion("sg_2", "leak"), suggestion("sg_3", "deviation", "executed")];
    expect(suggestionsFor(incident("warning"), all).map(({ id }) => id)).toEqual(["sg_1"]);
    const run = (id: string, plugin_id: string, minute: number) => ({ id, plugin_id, executed_at: at(minute) }) as Execution;
    expect(runsSince(incident("warning"), [run("ex_1", "orders", 1), run("ex_2", "orders", -1), run("ex_3", "menu", 1)]).map(({ id }) => id)).toEqual(["ex_1"]);
  });

  it("can be called no problem where they are unusual and the server still knows which is meant", () => {
    expect(unusualIn(part("deviation"), NOON)).toEqual({ metric: "cpu_ratio", kind: "deviation", since: at(0) });
    expect(unusualIn(part("saturation"), NOON)).toBeNull();
    expect(unusualIn(part("deviation"), NOON + 15 * 86_400_000)).toBeNull();
  });

  it("show the word that was said of them, unless it was taken back", () => {
    const word = (minute: number, undone_at: string | null): FeedbackWord => ({ id: `fb_${minute}`, plugin_id: "orders", metric: "cpu_ratio", kind: "deviation", since: at(minute), at: at(20), by: "kim", undone_at });
    expect(wordOn(part("deviation"), [word(3, at(30)), word(4, null)])?.id).toBe("fb_4");
    expect(wordOn(part("deviation"), [word(30, null)])).toBeNull();
    expect(wordOn(part("shift"), [word(0, null)])).toBeNull();
  });

  it("are seen to begin: from half an hour before, never beyond now or a day", () => {
    expect(stretchAround(at(0), null, NOON + 60_000)).toEqual({ from: NOON - 1_800_000, to: NOON + 60_000 });
    expect(stretchAround(at(0), at(10), NOON + 8e6)).toEqual({ from: NOON - 1_800_000, to: NOON + 1_200_000 });
    expect(stretchAround(at(0), null, NOON + 9e8).to).toBe(NOON + 86_400_000);
  });
});
