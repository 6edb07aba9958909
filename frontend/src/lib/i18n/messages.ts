import type administration from "./administration.ko.json";
import type ko from "./ko.json";

export type Lang = "ko" | "en";
export const LANGUAGES: readonly Lang[] = ["ko", "en"];

type Plural<Key> = Key extends `${infer Base}_one` ? Base : Key extends `${infer Base}_other` ? Base : Key;
export type MessageKey = Plural<Extract<keyof typeof ko | keyof typeof administration, string>>;
export type Messages = Readonly<Record<string, string>>;
export type Variables = Readonly<Record<string, string | number>>;
export type Translate = (key: MessageKey, variables?: Variables) => string;

const loaders: Record<Lang, () => Promise<{ default: Messages }>> = {
  ko: () => import("./ko.json"),
  en: () => import("./en.json"),
};

const more: typeof loaders = {
  ko: () => import("./administration.ko.json"),
  en: () => import("./administration.en.json"),
};

/** Load the texts of the pages for administrators, which the first screen does without. */
export async function loadMoreMessages(lang: Lang): Promise<Messages> {
  return (await more[lang]()).default;
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
