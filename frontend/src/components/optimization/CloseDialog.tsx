"use client";

import { useId, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { useClose } from "@/lib/deeds";
import { useLanguage } from "@/lib/i18n/context";
import type { Execution } from "@/lib/types";
import { errorText } from "./ErrorNotice";
import { PresentValue } from "./PresentValue";

const LONGEST_NOTE = 500;

interface Props {
  execution: Execution;
  onClosed: (execution: Execution) => void;
  onClose: () => void;
}

/** Shows once more what is left as it is, and asks why: the note is kept with it and stands on the audit. */
export default function CloseDialog({ execution, onClosed, onClose }: Props) {
  const { t } = useLanguage();
  const close = useClose(execution.id, onClosed);
  const formId = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    close.mutate(String(new FormData(event.currentTarget).get("note")).trim());
  };
  return (
    <Dialog
      title={t("close.title", { plugin: execution.plugin_id })} onClose={onClose}
      actions={<>
        <Button onClick={onClose} data-testid="cancel-close">{t("dialog.cancel")}</Button>
        <Button kind="primary" type="submit" form={formId} data-testid="confirm-close" busy={close.isPending}>{t("close.action")}</Button>
      </>}
    >
      <PresentValue execution={execution} />
      <p>{t("close.body")}</p>
      <form id={formId} onSubmit={submit} className="dismiss-form">
        <label>{t("close.note")}<input name="note" data-testid="close-note" data-autofocus maxLength={LONGEST_NOTE} autoComplete="off" /></label>
        {close.error && <p className="field-error" role="alert">{errorText(t, close.error)}</p>}
      </form>
    </Dialog>
  );
}
