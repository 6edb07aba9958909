"use client";

import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { useDismiss } from "@/lib/queries";
import type { Suggestion } from "@/lib/types";

const REASONS = ["notNeeded", "tooRisky", "later", "wrong"] as const;

export function DismissButton({ suggestion, onDismissed }: { suggestion: Suggestion; onDismissed: () => void }) {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  const [asking, setAsking] = useState(false);
  const { dismiss } = useDismiss(suggestion.id);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const note = String(form.get("note")).trim();
    const reason = t(`dismiss.${REASONS.find((name) => name === form.get("reason")) ?? "notNeeded"}`);
    dismiss.mutate(note ? `${reason}: ${note}` : reason, { onSuccess: onDismissed });
  };
  const formId = `dismiss-form-${suggestion.id}`;
  return (
    <>
      <Button kind="quiet" data-testid={`dismiss-${suggestion.id}`} disabled={Boolean(whyNot)} title={whyNot ?? undefined} onClick={() => setAsking(true)}>
        {t("dismiss.action")}
      </Button>
      {asking && (
        <Dialog
          title={t("dismiss.title")} onClose={() => setAsking(false)}
          actions={<>
            <Button data-autofocus onClick={() => setAsking(false)}>{t("dialog.cancel")}</Button>
            <Button kind="primary" type="submit" form={formId} data-testid="confirm-dismiss" busy={dismiss.isPending}>{t("dismiss.action")}</Button>
          </>}
        >
          <form id={formId} onSubmit={submit} className="dismiss-form">
            <p>{suggestion.description}</p>
            <fieldset>
              <legend>{t("dismiss.reason")}</legend>
              {REASONS.map((name, index) => (
                <label key={name}><input type="radio" name="reason" value={name} defaultChecked={index === 0} /> {t(`dismiss.${name}`)}</label>
              ))}
            </fieldset>
            <label>{t("dismiss.note")}<input name="note" maxLength={200} /></label>
            {dismiss.error && <p className="field-error" role="alert">{errorText(t, dismiss.error)}</p>}
          </form>
        </Dialog>
      )}
    </>
  );
}
