"use client";

import { Icon, type IconName } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import type { Health } from "@/lib/types";

const ICONS: Record<Health, IconName> = {
  ok: "ok", warning: "warning", critical: "alert", inactive: "off", unknown: "unknown",
};

/** Health as icon, word and colour: never colour alone. */
export function StatusMark({ health, stale }: { health: Health; stale: boolean }) {
  const { t } = useLanguage();
  const word = stale && health === "unknown" ? t("health.stale") : t(`health.${health}`);
  return (
    <span className={`mark tone-${health}`}>
      <Icon name={ICONS[health]} />
      {word}
    </span>
  );
}
