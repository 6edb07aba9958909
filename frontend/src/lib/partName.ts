import type { MessageKey, Translate } from "./i18n/messages";

/** Return a planner, a model or who did something in the reader's words; what other packages bring, and people, keep their own name. */
export function partName(t: Translate, of: "planner" | "model" | "author", code: string): string {
  const keys = { planner: `planner.${code}`, model: `model.${code}`, author: `author.${code}` };
  const name = t(keys[of] as MessageKey);
  return name === keys[of] ? code : name;
}
