"use client";

import { useLanguage } from "./i18n/context";
import { useSession } from "./queries";

/** Whether the reader may change something; `whyNot` says it in words, `adminOnly` of what only administrators change. */
export function usePermission(): { whyNot: string | null; adminOnly: string | null } {
  const { t } = useLanguage();
  const role = useSession().data?.role;
  return {
    whyNot: role === "viewer" ? t("permission.viewer") : null,
    adminOnly: role === "admin" ? null : t("permission.adminOnly"),
  };
}
