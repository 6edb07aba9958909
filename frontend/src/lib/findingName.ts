import type { MessageKey, Translate } from "./i18n/messages";

/** Return the kind of a finding in a word or two; null for one that another package brings. */
export function findingName(t: Translate, kind: string): string | null {
  const key = `kind.${kind}` as MessageKey;
  const name = t(key);
  return name === key ? null : name;
}
