"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { Execution } from "@/lib/types";
import { unitOf, valueText } from "@/lib/values";

/** The value before the change, the one it was to become, and what runs now: which of them is right is for a person to say. */
export function PresentValue({ execution: { change, present_value: now } }: { execution: Execution }) {
  const { t, format } = useLanguage();
  const text = (value: Execution["present_value"]) => valueText(value, unitOf(change), format);
  return (
    <dl className="present">
      <div><dt>{t("present.before")}</dt><dd>{text(change.before)}</dd></div>
      <div><dt>{t("present.after")}</dt><dd>{text(change.after)}</dd></div>
      <div className="present-now">
        <dt>{t("present.now", { knob: change.knob })}</dt>
        <dd data-testid="present-now">{now === null ? t("present.unread") : text(now)}</dd>
      </div>
    </dl>
  );
}
