"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { LiveMode } from "@/lib/live";
import { useNow } from "@/lib/now";
import { usePlugins } from "@/lib/queries";

/** How fresh the page is: "● live", or how old what it shows is. */
export function ConnectionState({ live }: { live: LiveMode }) {
  const { t, format } = useLanguage();
  const plugins = usePlugins();
  const now = useNow();
  const lost = plugins.failed;
  const state = lost ? "lost" : plugins.waiting || live === "connecting" ? "connecting" : live;
  const age = format.duration((now - plugins.updatedAt) / 1000);
  const text = lost && plugins.updatedAt > 0 ? t("connection.lostSince", { age }) : t(`connection.${state}`);
  return (
    <p className={`connection connection-${state}`} data-testid="connection" data-state={state}>
      <span className="connection-dot" aria-hidden="true" />
      {text}
      <span className="visually-hidden" role="status">{t(`connection.${state}`)}</span>
    </p>
  );
}
