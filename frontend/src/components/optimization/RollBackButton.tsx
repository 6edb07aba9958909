"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { useCancel, useRollBack } from "@/lib/deeds";
import type { Execution } from "@/lib/types";
import { ChangeDiff } from "./ChangeDiff";
import { errorText } from "./ErrorNotice";

/** Undo a change; before it has begun, cancel it. The dialog says what comes back. */
export function RollBackButton({ execution }: { execution: Execution }) {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  const [asking, setAsking] = useState(false);
  const rollBack = useRollBack(execution.id);
  const cancel = useCancel(execution.id);
  const deed = execution.state === "queued" ? cancel : rollBack;
  if (!execution.can_roll_back && execution.state !== "queued") return null;
  const confirm = () => {
    setAsking(false);
    deed.mutate();
  };
  const { change } = execution;
  return (
    <div className="roll-back">
      <Button
        icon="undo" data-testid={`rollback-${execution.id}`} busy={deed.isPending} disabled={Boolean(whyNot)} title={whyNot ?? undefined}
        onClick={() => (execution.state === "queued" ? deed.mutate() : setAsking(true))}
      >
        {execution.state === "queued" ? t("execution.cancel") : t("rollback.action")}
      </Button>
      {deed.error && <p className="field-error" role="alert">{errorText(t, deed.error)}</p>}
      {asking && (
        <Dialog
          title={t("rollback.title", { plugin: execution.plugin_id })} onClose={() => setAsking(false)}
          actions={<>
            <Button data-autofocus data-testid="cancel-rollback" onClick={() => setAsking(false)}>{t("dialog.cancel")}</Button>
            <Button kind="danger" data-testid="confirm-rollback" onClick={confirm}>{t("rollback.action")}</Button>
          </>}
        >
          <ChangeDiff change={{ ...change, before: change.after, after: change.before ?? change.after }} />
          <p>{t("rollback.body")}</p>
        </Dialog>
      )}
    </div>
  );
}
