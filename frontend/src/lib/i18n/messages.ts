import type administration from "./administration.ko.json";
import type ko from "./ko.json";
import type pluginKo from "./plugin.ko.json";

export type Lang = "ko" | "en";
export const LANGUAGES: readonly Lang[] = ["ko", "en"];

type Plural<Key> = Key extends `${infer Base}_one` ? Base : Key extends `${infer Base}_other` ? Base : Key;
export type MessageKey = Plural<Extract<keyof typeof ko | keyof typeof administration | keyof typeof pluginKo, string>>;
export type Messages = Readonly<Record<string, string>>;
export type Variables = Readonly<Record<string, string | number>>;
export type Translate = (key: MessageKey, variables?: Variables) => string;

const loaders: Record<Lang, () => Promise<{ default: Messages }>> = {
  ko: () => import("./ko.json"),
  en: () => import("./en.json"),
};

/** Texts that the first screen does without, by the pages they are of. */
export type Part = "administration" | "plugin";

const more: Record<Part, typeof loaders> = {
  administration: { ko: () => import("./administration.ko.json"), en: () => import("./administration.en.json") },
  plugin: { ko: () => import("./plugin.ko.json"), en: () => import("./plugin.en.json") },
};

export async function loadMoreMessages(part: Part, lang: Lang): Promise<Messages> {
  return (await more[part][lang]()).default;
}

/** Load one language; the other one is never sent to the browser. */
export async function loadMessages(lang: Lang): Promise<Messages> {
  return (await loaders[lang]()).default;
}

/** Return the translator of a language: `{name}` is replaced, `n` picks the plural form. */
export function translator(lang: Lang, messages: Messages): Translate {
  const plural = new Intl.PluralRules(lang);
  return (key, variables = {}) => {
    const form = typeof variables.n === "number" ? messages[`${key}_${plural.select(variables.n)}`] : undefined;
    const text = messages[key] ?? form ?? messages[`${key}_other`] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(variables[name] ?? whole));
  };
}
