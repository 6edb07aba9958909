"use client";

import { Icon } from "@/components/ui/Icon";
import { When } from "@/components/optimization/When";
import { useResting } from "@/lib/queries";
import { useLanguage } from "@/lib/i18n/context";
import { useFromNow } from "@/lib/now";
import { sentence } from "@/lib/sentence";

/** Suggestions in quarantine: until when nobody may execute them, and why. */
export function Resting() {
  const { t } = useLanguage();
  const all = useResting().data ?? [];
  const kept = useFromNow((now) => all.filter((suggestion) => Date.parse(suggestion.expires_at) > now).map(({ id }) => id).join(" ")).split(" ");
  const resting = all.filter((suggestion) => kept.includes(suggestion.id));
  if (resting.length === 0) return null;
  return (
    <section className="resting" aria-labelledby="resting-title" data-testid="resting">
      <h3 id="resting-title"><Icon name="clock" size={15} /> {t("resting.title")}<span className="count">{resting.length}</span></h3>
      <ul className="plain-list">
        {resting.map((suggestion) => (
          <li key={suggestion.id} className="resting-row" data-testid={`resting-${suggestion.id}`}>
            <p><strong>{suggestion.plugin_id}</strong> · {suggestion.description}</p>
            <p className="small">{t("resting.until")} <When at={suggestion.expires_at} /></p>
            <p className="muted small">{sentence(suggestion.why_not_executable)} {t("resting.then")}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
