"use client";

import type { ReactNode } from "react";
import { useLanguage } from "@/lib/i18n/context";
import type { Cause } from "@/lib/rank";
import { sentence } from "@/lib/sentence";

/** Several ways out of one trouble: the trouble is said once, and that one of them may be enough. */
export function CauseGroup({ cause, children }: { cause: Cause; children: ReactNode }) {
  const { t } = useLanguage();
  const [first] = cause.suggestions;
  return (
    <section className="cause" data-testid={`cause-${cause.key}`} aria-label={t("cause.label", { plugin: first?.plugin_id ?? "" })}>
      <p className="cause-head"><strong>{first?.plugin_id}</strong> · {sentence(cause.finding?.text)} <span className="muted">{t("cause.ways", { n: cause.suggestions.length })}</span></p>
      <div className="cards">{children}</div>
    </section>
  );
}
