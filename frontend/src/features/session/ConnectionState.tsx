"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { LiveMode } from "@/lib/live/connection";
import { useFromNow } from "@/lib/now";
import { useFleet } from "@/lib/queries";

/** How fresh the page is: "● live", or how old what it shows is. */
export function ConnectionState({ live }: { live: LiveMode }) {
  const { t, format } = useLanguage();
  const fleet = useFleet();
  const lost = live === "lost" || fleet.failed;
  const state = lost ? "lost" : fleet.waiting || live === "connecting" ? "connecting" : live;
  const age = useFromNow((now) => (lost && fleet.updatedAt > 0 ? format.duration((now - fleet.updatedAt) / 1000) : ""));
  const text = age ? t("connection.lostSince", { age }) : t(`connection.${state}`);
  return (
    <p className={`connection connection-${state}`} data-testid="connection" data-state={state}>
      <span className="connection-dot" aria-hidden="true" />
      {text}
      <span className="visually-hidden" role="status">{t(`connection.${state}`)}</span>
    </p>
  );
}
