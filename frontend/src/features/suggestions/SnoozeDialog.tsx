"use client";

import { useId, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { useSnooze } from "@/lib/settingAside";
import type { Suggestion } from "@/lib/types";

const SHARES = [0.1, 0.25, 0.5, 1] as const;
const DAYS = [1, 7, 30] as const;
const FIRST = { share: 0.25, days: 7 };
const LONGEST_REASON = 500;

/** Asks how much worse it has to be, and how long it may wait at most: never for ever. */
export default function SnoozeDialog({ suggestion, onClose }: { suggestion: Suggestion; onClose: () => void }) {
  const { t, format } = useLanguage();
  const snooze = useSnooze(suggestion.id, onClose);
  const formId = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    snooze.mutate({ worse_by: Number(form.get("share")), hours: Number(form.get("days")) * 24, reason: String(form.get("reason")).trim() });
  };
  return (
    <Dialog
      title={t("snooze.title")} onClose={onClose}
      actions={<>
        <Button data-autofocus data-testid="cancel-snooze" onClick={onClose}>{t("dialog.cancel")}</Button>
        <Button kind="primary" type="submit" form={formId} data-testid="confirm-snooze" busy={snooze.isPending}>{t("snooze.action")}</Button>
      </>}
    >
      <p><strong>{suggestion.plugin_id}</strong> · {suggestion.description}</p>
      <form id={formId} onSubmit={submit} className="dismiss-form">
        <fieldset>
          <legend>{t("snooze.worse")}</legend>
          {SHARES.map((share) => (
            <label key={share}><input type="radio" name="share" value={share} defaultChecked={share === FIRST.share} /> {t("snooze.share", { share: format.share(share) })}</label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{t("snooze.longest")}</legend>
          {DAYS.map((days) => (
            <label key={days}><input type="radio" name="days" value={days} defaultChecked={days === FIRST.days} /> {t("snooze.days", { n: days })}</label>
          ))}
        </fieldset>
        <label>{t("snooze.reason")}<input name="reason" maxLength={LONGEST_REASON} autoComplete="off" /></label>
        {snooze.error && <p className="field-error" role="alert">{errorText(t, snooze.error)}</p>}
      </form>
      <p className="muted small">{t("snooze.means")}</p>
    </Dialog>
  );
}
