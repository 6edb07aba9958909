"use client";

import { useLanguage } from "./i18n/context";
import { useSession } from "./queries";

/** Whether the reader may change something; `whyNot` says it in words. */
export function usePermission(): { whyNot: string | null } {
  const { t } = useLanguage();
  const session = useSession().data;
  return { whyNot: session?.role === "viewer" ? t("permission.viewer") : null };
}
