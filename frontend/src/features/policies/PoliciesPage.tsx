"use client";

import "@/styles/policies.css";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import { usePolicies, usePolicy } from "@/lib/policyQueries";
import type { View } from "@/lib/urlState";
import { PolicyForm } from "./PolicyForm";
import { EVERYONE, PolicyPicker } from "./PolicyPicker";

/** What may the engine do, for whom, and what would another policy have done? */
export default function PoliciesPage({ view, show }: { view: View; show: (change: Partial<View>) => void }) {
  const { t } = useLanguage();
  const policies = usePolicies();
  const target = view.plugin ?? EVERYONE;
  const policy = usePolicy(target);
  const troubled = policies.failed ? policies : policy.failed ? policy : null;
  return (
    <section aria-labelledby="policies-title">
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <h2 id="policies-title">{target === EVERYONE ? t("policies.title") : t("policies.of", { name: target })}</h2>
      <p className="muted policies-lead">{t("policies.lead")}</p>
      <PolicyPicker
        target={target} special={Object.keys(policies.data?.plugins ?? {})}
        onPick={(name) => show({ plugin: name === EVERYONE ? null : name })}
      />
      {troubled && <ErrorNotice error={troubled.error} onRetry={troubled.askAgain} />}
      {policies.data && policy.data
        ? <PolicyForm key={target} target={target} schema={policies.data.schema} latest={policy.data} />
        : !troubled && <div className="card"><Skeleton lines={8} label={t("loading")} /></div>}
    </section>
  );
}
