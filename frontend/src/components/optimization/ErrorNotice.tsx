"use client";

import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { ApiError } from "@/lib/api";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey, Translate } from "@/lib/i18n/messages";

/** What went wrong and what to do next. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useLanguage();
  return (
    <Notice
      tone="critical" urgent title={t("error.title")} testId="error"
      action={<Button onClick={onRetry}>{t("error.retry")}</Button>}
    >
      <p>{errorText(t, error)}</p>
    </Notice>
  );
}

const BY_STATUS: Record<number, MessageKey> = {
  0: "error.unreachable", 401: "error.401", 403: "error.403", 404: "error.404", 410: "error.410", 412: "error.412",
};

/** Return our own advice for the status and, where the server says more, its words. */
export function errorText(t: Translate, error: unknown): string {
  if (!(error instanceof ApiError)) return t("error.other");
  if (error.status === 429) return t("error.429", { seconds: error.retryAfterSeconds ?? 60 });
  const advice = BY_STATUS[error.status] ?? (error.status >= 500 ? "error.500" : undefined);
  if (!advice) return error.message || t("error.other");
  return error.message && error.status !== 401 ? `${t(advice)} (${error.message})` : t(advice);
}
