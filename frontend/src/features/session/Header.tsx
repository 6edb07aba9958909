"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { Icon } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import type { LiveMode } from "@/lib/live/connection";
import { api } from "@/lib/api";
import { useQueryClient } from "@/lib/query/client";
import { THEMES, useTheme } from "@/lib/theme";
import type { Session } from "@/lib/types";
import { ConnectionState } from "./ConnectionState";
import { StopButton } from "./StopButton";
import { StopGate } from "./StopGate";

const LANGUAGE_NAMES = [{ value: "ko", label: "한국어" }, { value: "en", label: "English" }] as const;

export function Header({ session, live }: { session: Session | undefined; live: LiveMode | null }) {
  const { t, lang, setLang } = useLanguage();
  const { theme, setTheme } = useTheme();
  return (
    <header className="header">
      <div className="header-inner">
        <p className="brand"><span className="brand-mark"><Icon name="pulse" size={18} /></span>{t("app.title")}</p>
        {live && <ConnectionState live={live} />}
        {live && session && <StopButton session={session} />}
        <div className="header-tools">
          {session?.logged_in && <Account session={session} />}
          <Choice label={t("language")} value={lang} options={LANGUAGE_NAMES} onChange={setLang} testId="lang-switch" />
          <Choice
            label={t("theme")} value={theme} onChange={setTheme} testId="theme-switch"
            options={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
          />
        </div>
      </div>
      {live && session && <StopGate session={session} />}
    </header>
  );
}

function Account({ session }: { session: Session }) {
  const { t } = useLanguage();
  const { leaving, logOut } = useLogOut();
  return (
    <span className="account">
      <span className="account-name" data-testid="account-name">
        {session.name}
        {session.role && <span className="muted account-role"> · {t(`role.${session.role}`)}</span>}
      </span>
      <Button kind="quiet" icon="leave" data-testid="logout" busy={leaving} onClick={logOut}>
        <span className="account-log-out">{t("logout")}</span>
      </Button>
    </span>
  );
}

function useLogOut() {
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState(false);
  const logOut = () => {
    setLeaving(true);
    void api.logOut()
      .then(() => queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" }))
      .catch(() => undefined) // whoever is still inside is told so by the answer to the next question
      .then(() => queries.invalidateQueries({ queryKey: ["session"] }))
      .finally(() => setLeaving(false));
  };
  return { leaving, logOut };
}
