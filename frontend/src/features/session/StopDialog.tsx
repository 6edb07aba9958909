"use client";

import { useId, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useStop } from "@/lib/deeds";
import { useLanguage } from "@/lib/i18n/context";

const LONGEST_REASON = 500;

/** Enter stops: the reason is asked for, not required. */
export default function StopDialog({ onClose }: { onClose: () => void }) {
  const { t } = useLanguage();
  const stop = useStop(onClose);
  const formId = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    stop.mutate(String(new FormData(event.currentTarget).get("reason")).trim());
  };
  return (
    <Dialog
      title={t("stop.title")} onClose={onClose}
      actions={<>
        <Button onClick={onClose} data-testid="cancel-stop">{t("dialog.cancel")}</Button>
        <Button kind="danger" icon="stop" className="stop-confirm" type="submit" form={formId} data-testid="confirm-stop" busy={stop.isPending}>{t("stop.confirm")}</Button>
      </>}
    >
      <ul className="confirm-list">
        <li>{t("stop.means.nothing")}</li>
        <li>{t("stop.means.back")}</li>
        <li>{t("stop.means.judged")}</li>
        <li>{t("stop.means.arm")}</li>
      </ul>
      <form id={formId} onSubmit={submit} className="dismiss-form">
        <label>{t("stop.reason")}<input name="reason" data-testid="stop-reason" data-autofocus maxLength={LONGEST_REASON} autoComplete="off" /></label>
      </form>
      {stop.error && (
        <p className="field-error" role="alert" data-testid="stop-error">
          {errorText(t, stop.error)} {t("stop.otherwise")} <code>{"plugin-optimizer estop set"}</code>
        </p>
      )}
    </Dialog>
  );
}
