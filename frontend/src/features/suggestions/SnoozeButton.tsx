"use client";

import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import type { Suggestion } from "@/lib/types";

const SnoozeDialog = lazy(() => import("./SnoozeDialog"));

export function SnoozeButton({ suggestion }: { suggestion: Suggestion }) {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button kind="quiet" icon="clock" data-testid={`snooze-${suggestion.id}`} disabled={Boolean(whyNot)} title={whyNot ?? undefined} onClick={() => setAsking(true)}>
        {t("snooze.action")}
      </Button>
      {asking && <Suspense fallback={null}><SnoozeDialog suggestion={suggestion} onClose={() => setAsking(false)} /></Suspense>}
    </>
  );
}
