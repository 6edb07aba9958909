"use client";

import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { useUndoDismiss } from "@/lib/deeds";
import type { Suggestion } from "@/lib/types";

/** Stands in the place of a dismissed suggestion as long as the page is open: one click brings it back. */
export default function DismissedNote({ suggestion, onDone }: { suggestion: Suggestion; onDone: () => void }) {
  const { t } = useLanguage();
  const undo = useUndoDismiss();
  return (
    <Notice
      tone="neutral" title={t("dismiss.done", { plugin: suggestion.plugin_id })}
      action={<>
        <Button
          icon="undo" busy={undo.isPending} data-testid={`undo-dismiss-${suggestion.id}`}
          onClick={() => undo.mutate(suggestion.id, { onSuccess: onDone })}
        >
          {t("dismiss.undo")}
        </Button>
        <Button kind="quiet" icon="close" aria-label={t("dialog.close")} onClick={onDone} />
      </>}
    >
      <p className="muted">{suggestion.description}</p>
      {undo.error && <p className="field-error" role="alert">{errorText(t, undo.error)}</p>}
    </Notice>
  );
}
