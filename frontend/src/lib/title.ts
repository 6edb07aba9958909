"use client";

import { useEffect } from "react";
import { useLanguage } from "./i18n/context";

/** Name the document by what is looked at, so that tabs, bookmarks and screen readers tell views apart; null: somebody else names it. */
export function useTitle(parts: readonly (string | null)[] | null): void {
  const { t } = useLanguage();
  const title = parts && [...parts, t("app.title")].filter(Boolean).join(" · ");
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
}
