"use client";

import { useId, useState, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { errorText } from "@/components/optimization/ErrorNotice";
import { ApiError } from "@/lib/api";
import { useArm } from "@/lib/deeds";
import { useLanguage } from "@/lib/i18n/context";
import type { Translate } from "@/lib/i18n/messages";

const ASKS_FOR_PASSWORD = new Set(["fresh_login_required", "password_wrong"]);

/** Arms the engine again. Where the login is too old, the server asks for the password, and so does the dialog. */
export default function ArmDialog({ loginUrl, onClose }: { loginUrl: string | null; onClose: () => void }) {
  const { t } = useLanguage();
  const { arm, pending, error, needsPassword } = useArming(onClose);
  const id = useId();
  const elsewhere = needsPassword ? loginUrl : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    arm(String(new FormData(event.currentTarget).get("password") ?? "") || null);
  };
  return (
    <Dialog
      title={t("arm.title")} onClose={onClose}
      actions={<>
        <Button data-autofocus data-testid="cancel-arm" onClick={onClose}>{t("dialog.cancel")}</Button>
        {elsewhere
          ? <a className="button button-primary" href={elsewhere}>{t("login.submit")}</a>
          : <Button kind="primary" icon="play" type="submit" form={id} data-testid="confirm-arm" busy={pending}>{t("arm.action")}</Button>}
      </>}
    >
      <p>{t("arm.means")}</p>
      <form id={id} onSubmit={submit} className="dismiss-form">
        {needsPassword && !elsewhere && (
          <label>
            {t("arm.password")}
            <input name="password" type="password" data-testid="arm-password" autoComplete="current-password" required autoFocus />
          </label>
        )}
        {elsewhere && <p>{t("arm.host")}</p>}
        {error && <p className="field-error" role="alert" data-testid="arm-error">{error}</p>}
      </form>
    </Dialog>
  );
}

function useArming(onDone: () => void) {
  const { t } = useLanguage();
  const { mutate, isPending, error } = useArm(onDone);
  const [needsPassword, setNeedsPassword] = useState(false); // once asked for, it stays: also while the answer is awaited
  const onError = (refusal: unknown) => {
    if (refusal instanceof ApiError && ASKS_FOR_PASSWORD.has(refusal.code)) setNeedsPassword(true);
  };
  return { arm: (password: string | null) => mutate(password, { onError }), pending: isPending, error: textOf(t, error), needsPassword };
}

function textOf(t: Translate, error: unknown): string | null {
  if (!error || (error instanceof ApiError && error.code === "fresh_login_required")) return null;
  if (error instanceof ApiError && error.code === "password_wrong") return t("arm.wrong");
  if (error instanceof ApiError && error.code === "person_needed") return error.message;
  return errorText(t, error);
}
