import { describe, expect, it } from "vitest";
import { lineAt, lineCount, lineOf, stretches, windowOf, type Section } from "@/features/health/layout";
import { nextSort } from "@/features/health/ColumnHeads";
import { nextLine } from "@/features/health/useRoving";
import { WHOLE_LIST } from "@/lib/listView";
import { queryOf } from "@/lib/pluginPages";
import { commandOf } from "@/lib/shortcuts";

const HEALTH = { critical: 0, inactive: 0, warning: 0, unknown: 0, ok: 1 };
const group = (value: string, total: number, rows = total): Section => ({ group: { value, total, health: HEALTH }, rows });

describe("the lines of a grouped list", () => {
  const sections = [group("a", 3), group("b", 50, 0), group("", 2)];

  it("are each group's head and, where it is open, its plugins", () => {
    const lines = Array.from({ length: lineCount(sections) }, (_, line) => lineAt(sections, line));
    expect(lines.map((line) => (line?.kind === "row" ? `${line.section}.${line.place}` : `head ${line?.section}`))).toEqual(
      ["head 0", "0.0", "0.1", "0.2", "head 1", "head 2", "2.0", "2.1"],
    );
    expect(lineAt(sections, lines.length)).toBeNull();
  });

  it("are found back from the plugin's place", () => {
    for (let line = 0; line < lineCount(sections); line += 1) {
      const at = lineAt(sections, line);
      if (at?.kind === "row") expect(lineOf(sections, at.section, at.place)).toBe(line);
    }
  });
});

describe("the part of a list that is drawn", () => {
  it("makes up the whole list with the room of the rest, whatever is kept", () => {
    for (const [from, to, kept] of [[0, 24, [0]], [4000, 4040, [0, 3999, 9999]], [9990, 10_020, [-1, 5]], [50, 40, []]] as [number, number, number[]][]) {
      const parts = stretches(10_000, from, to, kept);
      expect(parts.reduce((sum, part) => sum + (part.drawn ? 1 : part.lines), 0)).toBe(10_000);
      const drawn = parts.flatMap((part) => (part.drawn ? [part.line] : []));
      expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
      for (const line of kept) expect(drawn.includes(line)).toBe(line >= 0);
    }
    expect(stretches(0, 0, 24, [0])).toEqual([]);
  });

  it("covers what is in sight, and is small however long the list is", () => {
    for (let scrolled = 0; scrolled < 580_000; scrolled += 977) {
      const { from, to } = windowOf(-scrolled, 900, 58, null);
      expect(from * 58).toBeLessThanOrEqual(scrolled);
      expect(to * 58).toBeGreaterThanOrEqual(scrolled + 900);
      expect(to - from).toBeLessThan(50);
    }
    expect(windowOf(3000, 900, 58, null)).toEqual({ from: 0, to: 8 }); // the list is still below the window
  });

  it("knows that an open panel takes room", () => {
    const below = { line: 10, height: 1000 };
    expect(windowOf(-11 * 58 - 500, 300, 58, below)).toEqual({ from: 0, to: 20 }); // inside the panel
    expect(windowOf(-100 * 58 - 1000, 900, 58, below).from).toBe(windowOf(-100 * 58, 900, 58, null).from);
  });
});

describe("moving in a list", () => {
  it("stops at both ends", () => {
    expect(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End", "x"].map((key) => nextLine(key, 5, 12))).toEqual([6, 4, 11, 0, 0, 11, null]);
  });
});

describe("a column's head", () => {
  it("sorts by the highest first, then the lowest, then leads back to the worst first", () => {
    const pressed = [...Array(3)].reduce<string[]>((sorts) => [...sorts, nextSort("cpu", (sorts.at(-1) ?? "worst") as "worst")], []);
    expect(pressed).toEqual(["-cpu_usage", "cpu_usage", "worst"]);
    expect(nextSort("plugin", "worst")).toBe("plugin_id");
  });
});

describe("a group's plugins", () => {
  it("are those of the list with one filter more", () => {
    const list = { ...WHOLE_LIST, labels: ["tier=1"], group: "label:team" };
    expect(queryOf(list, "web").label).toEqual(["tier=1", "team=web"]);
    expect(queryOf(list, "").label).toEqual(["tier=1", "team="]);
    expect(queryOf({ ...list, group: "touchpoint" }, "celery").touchpoint).toBe("celery");
  });
});

describe("a single key", () => {
  const press = (key: string, more: KeyboardEventInit = {}, target: Element = document.body) => {
    const event = new KeyboardEvent("keydown", { key, ...more });
    Object.defineProperty(event, "target", { value: target });
    return commandOf(event);
  };

  it("commands, also where a Korean input method makes a letter of it", () => {
    expect([press("/"), press("j"), press("k"), press("?")]).toEqual(["search", "next", "previous", "help"]);
    expect([press("ㅓ", { code: "KeyJ" }), press("Process", { code: "KeyK" })]).toEqual(["next", "previous"]);
    expect(press("q", { code: "KeyJ" })).toBeNull(); // another layout has its own letter there
  });

  it("is text where somebody types, and the browser's with a modifier", () => {
    expect(press("j", {}, document.createElement("input"))).toBeNull();
    expect(press("j", {}, document.createElement("select"))).toBeNull();
    expect([press("j", { ctrlKey: true }), press("k", { metaKey: true }), press("/", { altKey: true })]).toEqual([null, null, null]);
  });
});
