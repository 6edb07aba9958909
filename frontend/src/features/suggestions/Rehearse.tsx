"use client";

import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import type { Rehearsal } from "@/lib/rehearsalTypes";
import { useRehearsal } from "@/lib/settingAside";
import type { Suggestion } from "@/lib/types";

const loadReport = () => import("./RehearsalReport");
const RehearsalReport = lazy(loadReport);

/** The dry run: asks the server what executing would find and do, and shows it in the card. */
export function useRehearse(suggestion: Suggestion) {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  const [found, setFound] = useState<Rehearsal | null>(null);
  const rehearsal = useRehearsal(suggestion, setFound);
  const button = (
    <Button
      kind="quiet" icon="check" data-testid={`dry-run-${suggestion.id}`} busy={rehearsal.isPending} disabled={Boolean(whyNot)} title={whyNot ?? t("rehearsal.why")}
      onPointerEnter={() => void loadReport()} onClick={() => rehearsal.mutate()}
    >
      {t("rehearsal.action")}
    </Button>
  );
  const report = (
    <>
      {rehearsal.error && <p className="field-error" role="alert">{errorText(t, rehearsal.error)}</p>}
      {found && <Suspense fallback={null}><RehearsalReport found={found} onClose={() => setFound(null)} /></Suspense>}
    </>
  );
  return { button, report };
}
