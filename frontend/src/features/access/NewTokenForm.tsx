"use client";

import { useId, useState, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { Notice } from "@/components/ui/Notice";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useCreateToken } from "@/lib/accessQueries";
import type { NewToken, TokenRole } from "@/lib/accessTypes";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/; // as the server takes it
const ROLES: readonly TokenRole[] = ["sender", "viewer", "operator", "admin"];
const MOST_DAYS = 365;

/** Makes a token and shows its secret once. */
export function NewTokenForm({ taken }: { taken: readonly string[] }) {
  const { t } = useLanguage();
  const create = useCreateToken();
  const [name, setName] = useState("");
  const [role, setRole] = useState<TokenRole>("viewer");
  const [days, setDays] = useState("90");
  const [wrong, setWrong] = useState<MessageKey | null>(null);
  const [made, setMade] = useState<NewToken | null>(null);
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const misfit = misfitOf(name, days, taken);
    setWrong(misfit);
    if (misfit === null) create.mutate({ name, role, days: Number(days) }, { onSuccess: (token) => (setMade(token), setName("")) });
  };
  return (
    <>
      {made && <Secret made={made} onClose={() => setMade(null)} />}
      <form className="card new-token" onSubmit={submit} noValidate aria-label={t("tokens.new")}>
        <h3>{t("tokens.new")}</h3>
        <label>{t("tokens.name")}<input value={name} data-testid="token-name" autoComplete="off" spellCheck={false} aria-describedby={`${id}-wrong`} onChange={(event) => setName(event.target.value)} /></label>
        <Choice label={t("tokens.role")} labelled="shown" value={role} onChange={setRole} testId="token-role" options={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))} />
        <label>{t("tokens.days")}<input value={days} data-testid="token-days" inputMode="numeric" autoComplete="off" aria-describedby={`${id}-wrong`} onChange={(event) => setDays(event.target.value)} /></label>
        <Button kind="primary" type="submit" data-testid="token-create" busy={create.isPending}>{t("tokens.create")}</Button>
        <p id={`${id}-wrong`} className="field-error" role="alert" data-testid="token-error">
          {wrong ? t(wrong) : create.error ? errorText(t, create.error) : ""}
        </p>
      </form>
    </>
  );
}

function misfitOf(name: string, days: string, taken: readonly string[]): MessageKey | null {
  if (!NAME.test(name)) return "tokens.badName";
  if (taken.includes(name)) return "tokens.taken";
  const count = Number(days);
  return Number.isInteger(count) && count >= 1 && count <= MOST_DAYS ? null : "tokens.badDays";
}

function Secret({ made, onClose }: { made: NewToken; onClose: () => void }) {
  const { t } = useLanguage();
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(made.token).then(() => setCopied(true), () => setCopied(false));
  return (
    <Notice
      tone="warning" urgent title={t("tokens.once", { name: made.name })} testId="token-secret"
      action={<>
        {typeof navigator !== "undefined" && navigator.clipboard && <Button icon={copied ? "check" : undefined} data-testid="copy-token" onClick={copy}>{t(copied ? "tokens.copied" : "tokens.copy")}</Button>}
        <Button data-testid="close-secret" onClick={onClose}>{t("tokens.kept")}</Button>
      </>}
    >
      <p><code className="secret" data-testid="secret">{made.token}</code></p>
      <p className="small">{t("tokens.use")} <code>{"Authorization: Bearer …"}</code></p>
    </Notice>
  );
}
