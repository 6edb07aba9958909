"use client";

import { useLanguage } from "@/lib/i18n/context";
import { reasonOf, type AnyIncident, type ChangeBefore } from "@/lib/incidents";

/** Return what says in words what explains an incident best. */
export function useWhy(): (incident: AnyIncident) => string {
  const { t, format } = useLanguage();
  const words = useChangeWords();
  return (incident) => {
    const reason = reasonOf(incident);
    if (reason.is === "evidence") return reason.text;
    if (reason.is === "more") return t("incidents.why.more", { n: reason.parts });
    if (reason.is === "unknown") return t("incidents.why.unknown");
    const told = t("incidents.why.change", { span: format.duration(reason.secondsBefore), change: words(reason.change) });
    return reason.more > 0 ? `${told} ${t("incidents.why.others", { n: reason.more })}` : told;
  };
}

/** Return what says what was turned: the server's words, or the knob with both values. */
export function useChangeWords(): (change: ChangeBefore) => string {
  const { t } = useLanguage();
  return ({ words, turned, pluginId }) =>
    words ?? t("incidents.turned", { plugin: pluginId ?? "", knob: turned?.knob ?? "", before: String(turned?.before), after: String(turned?.after) });
}
