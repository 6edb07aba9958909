"use client";

import { useId, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { errorText } from "@/components/optimization/ErrorNotice";
import { ApiError } from "@/lib/api";
import { useLanguage } from "@/lib/i18n/context";
import { useLogIn } from "@/lib/deeds";
import { useTitle } from "@/lib/title";

export default function LoginForm({ loginUrl }: { loginUrl: string | null }) {
  const { t } = useLanguage();
  const logIn = useLogIn();
  useTitle([t("login.title")]);
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    logIn.mutate({ username: String(form.get("username")), password: String(form.get("password")) });
  };
  if (loginUrl) return <HostLogin url={loginUrl} />;
  const wrong = logIn.error instanceof ApiError && logIn.error.status === 401;
  return (
    <section className="login card" aria-labelledby={`${id}-title`}>
      <h1 id={`${id}-title`}>{t("login.title")}</h1>
      <p className="muted">{t("login.intro")}</p>
      <form data-testid="login-form" onSubmit={submit} aria-describedby={logIn.error ? `${id}-error` : undefined}>
        <label htmlFor={`${id}-name`}>{t("login.username")}</label>
        <input
          id={`${id}-name`} name="username" data-testid="username" autoComplete="username" required autoFocus
          autoCapitalize="none" spellCheck={false} aria-invalid={wrong || undefined}
        />
        <label htmlFor={`${id}-password`}>{t("login.password")}</label>
        <input
          id={`${id}-password`} name="password" type="password" data-testid="password" autoComplete="current-password"
          required aria-invalid={wrong || undefined}
        />
        {logIn.error && (
          <p id={`${id}-error`} className="field-error" role="alert" data-testid="login-error">
            {wrong ? t("login.wrong") : errorText(t, logIn.error)}
          </p>
        )}
        <Button kind="primary" type="submit" data-testid="login-submit" busy={logIn.isPending}>{t("login.submit")}</Button>
      </form>
      <p className="muted small">{t("login.help")}</p>
    </section>
  );
}

function HostLogin({ url }: { url: string }) {
  const { t } = useLanguage();
  return (
    <section className="login card">
      <h1>{t("login.title")}</h1>
      <p className="muted">{t("login.host")}</p>
      <a className="button button-primary" href={url}>{t("login.submit")}</a>
    </section>
  );
}
