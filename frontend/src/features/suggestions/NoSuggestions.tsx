"use client";

import { useEffect } from "react";
import DoctorAnswers from "@/components/optimization/DoctorAnswers";
import { useDoctor } from "@/lib/detailQueries";
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

/** Asks why there are none while the first screen is waited for, and says when that is known: then nothing below it moves. */
export function AnswersOnTheirWay({ onTold }: { onTold: () => void }) {
  const { waiting } = useDoctor(true);
  useEffect(() => {
    if (!waiting) onTold();
  }, [waiting, onTold]);
  return null;
}
