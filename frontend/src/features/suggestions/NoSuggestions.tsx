"use client";

import DoctorAnswers from "@/components/optimization/DoctorAnswers";
import { useLanguage } from "@/lib/i18n/context";

/** Empty is a state of its own: it says why. */
export default function NoSuggestions() {
  const { t } = useLanguage();
  return (
    <div className="card empty" data-testid="empty-suggestions">
      <p><strong>{t("suggestions.none")}</strong></p>
      <p className="muted">{t("suggestions.none.why")}</p>
      <DoctorAnswers question="no_suggestions" />
    </div>
  );
}
