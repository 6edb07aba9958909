"use client";

import { useLanguage } from "@/lib/i18n/context";
import { giverOf, policyAddress } from "@/lib/policySource";
import type { PolicyView } from "@/lib/policyTypes";
import { Way } from "./Way";

interface Props {
  view: PolicyView;
  field: string;
  /** Whose policy is looked at: what was set there needs no link. */
  at?: string;
}

/** Who gave this value, with the way to where it is changed. The texts are those of the administration. */
export function PolicyOrigin({ view, field, at }: Props) {
  const { t } = useLanguage();
  const giver = giverOf(view, field);
  const source = view.source[field] ?? "built_in";
  const here = giver === at;
  const text = here && (source === "default" || source === "group")
    ? t("policy.source.here") : t(`policy.source.${source}`, { name: view.source_group[field] ?? "" });
  return giver === null || here ? text : <Way to={policyAddress(giver)} testId={`from-${field}`}>{text}</Way>;
}
