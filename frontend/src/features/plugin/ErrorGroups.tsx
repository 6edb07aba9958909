"use client";

import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { ErrorGroup } from "@/lib/types";

export function ErrorGroups({ errors }: { errors: ErrorGroup[] }) {
  const { t } = useLanguage();
  if (errors.length === 0) return null;
  return (
    <div>
      <h3>{t("panel.errors")}</h3>
      <ul className="errors">
        {errors.map((error) => (
          <li key={error.fingerprint}>
            <details>
              <summary>
                <code>{error.exception}</code> <span>{error.message}</span>
                <span className="muted small">{t("panel.lastSeen")} <When at={error.last_seen} only="relative" /></span>
              </summary>
              <p className="muted small">{t("panel.firstSeen")} <When at={error.first_seen} /></p>
              <pre tabIndex={0}>{error.frames.join("\n")}</pre>
            </details>
          </li>
        ))}
      </ul>
    </div>
  );
}
