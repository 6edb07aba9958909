"use client";

import { useLanguage } from "@/lib/i18n/context";
import { sentence } from "@/lib/sentence";
import { adviceFor, troubleOf } from "@/lib/trouble";
import type { Execution, Value } from "@/lib/types";
import { unitOf, valueText } from "@/lib/values";
import { When } from "./When";

/** What happened, what the engine does now, what a person should do; nothing for an execution that is on its way. */
export function TroubleNote({ execution }: { execution: Execution }) {
  const { t, format } = useLanguage();
  const state = troubleOf(execution);
  if (!state) return null;
  const { change, reason } = execution;
  const text = (value: Value | null) => valueText(value, unitOf(change), format);
  const setting = { knob: change.knob, before: text(change.before), after: text(change.after) };
  return (
    <dl className={`trouble trouble-${state}`} data-testid={`trouble-${execution.id}`}>
      <div><dt>{t("trouble.what")}</dt><dd>{t(`trouble.${state}.what`, setting)} {sentence(reason?.text)}</dd></div>
      <div><dt>{t("trouble.now")}</dt><dd>{t(`trouble.${state}.now`)}</dd></div>
      {state === "needs_operator" ? <Given execution={execution} /> : <div><dt>{t("trouble.you")}</dt><dd>{t(adviceFor(state), setting)}</dd></div>}
    </dl>
  );
}

/** What a person can do; once somebody has, who it was and what they said. */
function Given({ execution: { advice, closing } }: { execution: Execution }) {
  const { t } = useLanguage();
  return closing ? (
    <div><dt>{t("trouble.closed")}</dt><dd>{sentence(closing.text)} <span className="muted"><When at={closing.at} only="relative" /></span></dd></div>
  ) : (
    <div><dt>{t("trouble.you")}</dt><dd>{sentence(advice?.text)}</dd></div>
  );
}
