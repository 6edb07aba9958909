"use client";

import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import type { Execution } from "@/lib/types";

const CloseDialog = lazy(() => import("./CloseDialog"));

/** Leave as it is what the engine gave up; nothing for an execution that waits for nobody. */
export function CloseButton({ execution, onClosed }: { execution: Execution; onClosed?: (execution: Execution) => void }) {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  const [asking, setAsking] = useState(false);
  if (!execution.can_close) return null;
  const closed = (answer: Execution) => {
    setAsking(false);
    onClosed?.(answer);
  };
  return (
    <>
      <Button
        icon="check" data-testid={`close-${execution.id}`} disabled={Boolean(whyNot)} title={whyNot ?? undefined}
        onClick={() => setAsking(true)}
      >
        {t("close.action")}
      </Button>
      {asking && <Suspense fallback={null}><CloseDialog execution={execution} onClosed={closed} onClose={() => setAsking(false)} /></Suspense>}
    </>
  );
}
