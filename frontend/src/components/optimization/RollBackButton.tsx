"use client";

import { useRef } from "react";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { useCancel, useRollBack } from "@/lib/deeds";
import { unitOf, valueText } from "@/lib/values";
import type { Execution } from "@/lib/types";
import { errorText } from "./ErrorNotice";

/** Undo a change by one click; before it has begun, cancel it. The button says what comes back. */
export function RollBackButton({ execution }: { execution: Execution }) {
  const { t, format } = useLanguage();
  const { whyNot } = usePermission();
  const rollBack = useRollBack(execution.id);
  const cancel = useCancel(execution.id);
  const asked = useRef(false); // a double click is one wish
  const queued = execution.state === "queued";
  const deed = queued ? cancel : rollBack;
  if (!execution.can_roll_back && !queued) return null;
  const { change } = execution;
  const value = valueText(change.before, unitOf(change), format);
  const press = () => {
    if (asked.current) return;
    asked.current = true;
    void deed.mutateAsync().catch(() => undefined).finally(() => (asked.current = false));
  };
  return (
    <div className="roll-back">
      <Button
        icon="undo" data-testid={`rollback-${execution.id}`} busy={deed.isPending} disabled={Boolean(whyNot)}
        title={whyNot ?? (queued ? undefined : t("rollback.body"))} onClick={press}
      >
        {queued ? t("execution.cancel") : t("rollback.to", { value })}
      </Button>
      {deed.error && <p className="field-error" role="alert">{errorText(t, deed.error)}</p>}
    </div>
  );
}
