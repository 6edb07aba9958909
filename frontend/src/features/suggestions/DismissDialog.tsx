"use client";

import type { FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { useDismiss } from "@/lib/deeds";
import type { Suggestion } from "@/lib/types";

const REASONS = ["notNeeded", "tooRisky", "wrong"] as const;

interface Props {
  suggestion: Suggestion;
  onDismissed: () => void;
  onClose: () => void;
}

/** Asks why: the reason is kept with the suggestion. */
export default function DismissDialog({ suggestion, onDismissed, onClose }: Props) {
  const { t } = useLanguage();
  const dismiss = useDismiss(suggestion.id, onDismissed);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const note = String(form.get("note")).trim();
    const reason = t(`dismiss.${REASONS.find((name) => name === form.get("reason")) ?? "notNeeded"}`);
    dismiss.mutate(note ? `${reason}: ${note}` : reason);
  };
  const formId = `dismiss-form-${suggestion.id}`;
  return (
    <Dialog
      title={t("dismiss.title")} onClose={onClose}
      actions={<>
        <Button data-autofocus onClick={onClose}>{t("dialog.cancel")}</Button>
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
  );
}
