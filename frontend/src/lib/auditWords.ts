import type { MessageKey, Translate } from "./i18n/messages";

/** Return what was done in the reader's words; null for an action that is newer than this page: its code is shown all the same. */
export function deedText(t: Translate, action: string): string | null {
  const said = (key: string) => {
    const text = t(key as MessageKey);
    return text === key ? null : text;
  };
  const [room = "", rest = ""] = action.split(".");
  const state = room === "execution" ? said(`state.${rest}`) : null;
  return said(`audit.deed.${action}`) ?? (state && t("audit.execution", { state }));
}
