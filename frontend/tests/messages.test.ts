import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import moreEn from "@/lib/i18n/administration.en.json";
import moreKo from "@/lib/i18n/administration.ko.json";
import firstEn from "@/lib/i18n/en.json";
import firstKo from "@/lib/i18n/ko.json";
import pluginEn from "@/lib/i18n/plugin.en.json";
import pluginKo from "@/lib/i18n/plugin.ko.json";
import { translator } from "@/lib/i18n/messages";

type Texts = Readonly<Record<string, string>>;
const FILES: [string, Texts, Texts][] = [["of the first load", firstKo, firstEn], ["of the administration", moreKo, moreEn], ["of the page of one plugin", pluginKo, pluginEn]];
const en = { ...firstEn, ...moreEn, ...pluginEn };
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

describe("the translator", () => {
  it("picks the plural form and fills in the number", () => {
    const t = translator("en", en);
    expect(t("verdict.critical", { n: 1 })).toBe("1 plugin needs action");
    expect(t("verdict.critical", { n: 3 })).toBe("3 plugins need action");
  });
});
