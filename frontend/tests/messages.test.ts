import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import moreEn from "@/lib/i18n/administration.en.json";
import moreKo from "@/lib/i18n/administration.ko.json";
import firstEn from "@/lib/i18n/en.json";
import firstKo from "@/lib/i18n/ko.json";
import pluginEn from "@/lib/i18n/plugin.en.json";
import pluginKo from "@/lib/i18n/plugin.ko.json";
import { loadMessages, translator } from "@/lib/i18n/messages";
import { namedIn, reached } from "../split-messages.mjs";

type Texts = Readonly<Record<string, string>>;
const FILES: [string, Texts, Texts][] = [["of the first load", firstKo, firstEn], ["of the administration", moreKo, moreEn], ["of the page of one plugin", pluginKo, pluginEn]];
const ko = { ...firstKo, ...moreKo, ...pluginKo };
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(path.join(folder, name), "utf8"))
    .join("\n");
}

describe.each(FILES)("the message files %s", (_name, korean, english) => {
  it("have the same keys in the same order in both languages", () => {
    expect(Object.keys(english)).toEqual(Object.keys(korean));
  });

  it("name the same placeholders in both languages", () => {
    for (const [key, text] of Object.entries(korean)) expect(placeholders(english[key] ?? ""), key).toEqual(placeholders(text));
  });
});

describe("all texts", () => {
  it("stand in one file each", () => {
    expect(Object.keys(ko)).toHaveLength(FILES.reduce((sum, [, korean]) => sum + Object.keys(korean).length, 0));
  });

  it("hold no text that nobody shows", () => {
    const code = sources(path.resolve(import.meta.dirname, "../src"));
    const families = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix as string);
    const unused = Object.keys(ko).filter((key) => {
      const base = key.replace(/_(one|other)$/, "");
      return !code.includes(`"${base}"`) && !families.some((prefix) => key.startsWith(prefix));
    });
    expect(unused).toEqual([]);
  });
});

describe("the texts of the first screen", () => {
  const files = reached().map((file) => path.basename(file));

  it("are those of all files it reaches without asking for more", () => {
    expect(files).toEqual(expect.arrayContaining(["SuggestionCard.tsx", "StopDialog.tsx", "verdict.ts"]));
    expect(files).not.toEqual(expect.arrayContaining(["HistoryTab.tsx"]));
    expect(files).not.toEqual(expect.arrayContaining(["PluginTable.tsx"]));
    expect(files).not.toEqual(expect.arrayContaining(["PluginPanel.tsx"]));
  });

  it("are found by their whole name, by the beginning of one, and in each plural form", () => {
    const isFirst = namedIn('t("tab.history"); t(`risk.${risk}`); t("more", { n })');
    expect(["tab.history", "risk.low", "more_one", "more_other", "tab.audit", "moreover"].filter(isFirst)).toEqual(["tab.history", "risk.low", "more_one", "more_other"]);
  });

  it("are all there is until more is wanted, and then nothing is missing", async () => {
    vi.resetModules();
    const messages = await import("@/lib/i18n/messages");
    await messages.loadMessages("ko");
    const t = messages.translator("ko");
    const rest = Object.keys(firstKo).filter((key) => !namedIn(reached().map((file) => readFileSync(file, "utf8")).join("\n"))(key));
    const wanted = rest.find((key) => !/_(one|other)$/.test(key) && !key.includes("{")) as Parameters<typeof t>[0];
    expect(() => t(wanted)).toThrow(expect.any(Promise));
    await messages.loadRest();
    expect(t(wanted)).toBe(ko[wanted as keyof typeof ko]);
  });
});

describe("the translator", () => {
  it("picks the plural form and fills in the number", async () => {
    await loadMessages("en");
    const t = translator("en");
    expect(t("verdict.critical", { n: 1 })).toBe("1 plugin needs action");
    expect(t("verdict.critical", { n: 3 })).toBe("3 plugins need action");
  });
});
