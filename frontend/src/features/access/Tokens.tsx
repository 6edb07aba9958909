"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice, errorText } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { useRevokeToken, useTokens } from "@/lib/accessQueries";
import type { Token } from "@/lib/accessTypes";
import { useLanguage } from "@/lib/i18n/context";
import { useFromNow } from "@/lib/now";
import { NewTokenForm } from "./NewTokenForm";

/** Tokens of scripts and pipelines: without their secrets, which nobody knows any more. */
export function Tokens() {
  const { t } = useLanguage();
  const tokens = useTokens();
  return (
    <section aria-labelledby="tokens-title">
      <h2 id="tokens-title">{t("tokens.title")}</h2>
      <p className="muted access-lead">{t("tokens.lead")}</p>
      {tokens.failed && <ErrorNotice error={tokens.error} onRetry={tokens.askAgain} />}
      {tokens.waiting && <div className="card"><Skeleton lines={3} label={t("loading")} /></div>}
      {tokens.data?.length === 0 && <p className="card empty">{t("tokens.none")}</p>}
      {tokens.data && tokens.data.length > 0 && (
        <ul className="card access-list">
          {tokens.data.map((token) => <Row key={token.name} token={token} />)}
        </ul>
      )}
      <NewTokenForm taken={tokens.data?.map((token) => token.name) ?? []} />
    </section>
  );
}

function Row({ token }: { token: Token }) {
  const { t } = useLanguage();
  const [asking, setAsking] = useState(false);
  const over = useFromNow((now) => token.expires_at !== null && Date.parse(token.expires_at) <= now);
  return (
    <li className="access-row" data-testid={`token-${token.name}`}>
      <strong className="access-name">{token.name}</strong>
      <span>{t(`role.${token.role}`)}</span>
      <span className="access-times small">
        <span><span className="muted">{t("access.made")}</span> <When at={token.created_at} only="relative" /></span>
        <span className={over ? "tone-critical" : undefined}>{t(over ? "access.ended" : "access.ends")} <When at={token.expires_at} /></span>
      </span>
      <Button kind="danger" data-testid={`revoke-${token.name}`} onClick={() => setAsking(true)}>
        {t("tokens.revoke")}<span className="visually-hidden"> {token.name}</span>
      </Button>
      {asking && <RevokeDialog name={token.name} onClose={() => setAsking(false)} />}
    </li>
  );
}

/** Whatever uses it stops working at once, and nothing brings it back: so it is asked for. */
function RevokeDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useLanguage();
  const revoke = useRevokeToken();
  return (
    <Dialog
      title={t("tokens.revokeTitle", { name })} onClose={onClose}
      actions={<>
        <Button data-autofocus onClick={onClose}>{t("dialog.cancel")}</Button>
        <Button kind="danger" data-testid="confirm-revoke" busy={revoke.isPending} onClick={() => revoke.mutate(name, { onSuccess: onClose })}>{t("tokens.revoke")}</Button>
      </>}
    >
      <p>{t("tokens.revokeMeans")}</p>
      {revoke.error && <p className="field-error" role="alert">{errorText(t, revoke.error)}</p>}
    </Dialog>
  );
}
