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

/** The texts of the first screen, those of further views, and those of some pages: each fetched when it is wanted. */
export type Part = "first" | "rest" | "administration" | "plugin";

/** Of each language; another one is never sent to the browser. `first` and `rest` are made by frontend/split-messages.mjs. */
const loaders: Record<Lang, Record<Part, () => Promise<{ default: Messages }>>> = {
  ko: {
    first: () => import("../../../.messages/ko.first.json"), rest: () => import("../../../.messages/ko.rest.json"),
    administration: () => import("./administration.ko.json"), plugin: () => import("./plugin.ko.json"),
  },
  en: {
    first: () => import("../../../.messages/en.first.json"), rest: () => import("../../../.messages/en.rest.json"),
    administration: () => import("./administration.en.json"), plugin: () => import("./plugin.en.json"),
  },
};
const known: Record<Lang, Messages> = { ko: {}, en: {} };
const complete = new Set<Lang>();
const loading = new Map<string, Promise<void>>();
let spoken: Lang = "ko";

/** Load the texts of the first screen; where the rest is known in another language, the rest as well. */
export async function loadMessages(lang: Lang): Promise<void> {
  const wanted = LANGUAGES.some((other) => loading.has(`${other}.rest`)) ? [load(lang, "first"), load(lang, "rest")] : [load(lang, "first")];
  spoken = lang;
  await Promise.all(wanted);
}

/** Load what the first screen does not show, in the language that is spoken. */
export function loadRest(): Promise<void> {
  return load(spoken, "rest");
}

/** Load something together with the texts that it will show. */
export function withTexts<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return async () => (await Promise.all([load(), loadRest()]))[0];
}

export function load(lang: Lang, part: Part): Promise<void> {
  const name = `${lang}.${part}`;
  const found = loading.get(name);
  if (found) return found;
  const promise = loaders[lang][part]().then(
    (module) => {
      known[lang] = { ...known[lang], ...module.default };
      if (part === "rest") complete.add(lang);
    },
    (error: unknown) => {
      loading.delete(name); // whoever wants it next tries again
      throw error;
    },
  );
  loading.set(name, promise);
  return promise;
}

/**
 * Return the translator of a language: `{name}` is replaced, `n` picks the plural form. A text that is not there yet is
 * waited for by the nearest `Suspense`.
 */
export function translator(lang: Lang): Translate {
  const plural = new Intl.PluralRules(lang);
  const find = (key: string, n: unknown) => {
    const messages = known[lang];
    return messages[key] ?? (typeof n === "number" ? messages[`${key}_${plural.select(n)}`] : undefined) ?? messages[`${key}_other`];
  };
  return (key, variables = {}) => {
    const text = find(key, variables.n);
    if (text === undefined && !complete.has(lang)) throw load(lang, "rest");
    return (text ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(variables[name] ?? whole));
  };
}
