"use client";

import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import type { Suggestion } from "@/lib/types";

const DismissDialog = lazy(() => import("./DismissDialog"));

export function DismissButton({ suggestion, onDismissed }: { suggestion: Suggestion; onDismissed: () => void }) {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button kind="quiet" data-testid={`dismiss-${suggestion.id}`} disabled={Boolean(whyNot)} title={whyNot ?? undefined} onClick={() => setAsking(true)}>
        {t("dismiss.action")}
      </Button>
      {asking && (
        <Suspense fallback={null}>
          <DismissDialog suggestion={suggestion} onDismissed={onDismissed} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );
}
