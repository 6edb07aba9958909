"use client";

import "@/styles/policies.css";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import type { Translate } from "@/lib/i18n/messages";
import { groupOf, groupTarget } from "@/lib/policyGroups";
import { usePolicies, usePolicy } from "@/lib/policyQueries";
import { EVERYONE } from "@/lib/policySource";
import type { View } from "@/lib/urlState";
import { GroupCard } from "./GroupCard";
import { PolicyForm } from "./PolicyForm";
import { PolicyPicker } from "./PolicyPicker";

/** What may the engine do, for whom, and what would another policy have done? */
export default function PoliciesPage({ view, show }: { view: View; show: (change: Partial<View>) => void }) {
  const { t } = useLanguage();
  const policies = usePolicies();
  const target = view.plugin ?? EVERYONE;
  const policy = usePolicy(target);
  const group = groupOf(target);
  const pick = (name: string) => show({ plugin: name === EVERYONE ? null : name });
  const troubled = policies.failed ? policies : policy.failed ? policy : null;
  return (
    <section aria-labelledby="policies-title">
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <h2 id="policies-title">{titleOf(t, target)}</h2>
      <p className="muted policies-lead">{t("policies.lead")}</p>
      <PolicyPicker
        target={target} special={Object.keys(policies.data?.plugins ?? {})}
        onPick={pick}
      />
      {group !== null && <GroupCard key={`rule of ${target}`} name={group} schema={policies.data?.schema ?? []} onPick={pick} />}
      {policy.data && policy.data.value.groups.length > 0 && <Belonging groups={policy.data.value.groups} onPick={pick} />}
      {troubled && <ErrorNotice error={troubled.error} onRetry={troubled.askAgain} />}
      {policies.data && policy.data
        ? <PolicyForm key={target} target={target} schema={policies.data.schema} latest={policy.data} />
        : !troubled && group !== "" && <div className="card"><Skeleton lines={8} label={t("loading")} /></div>}
    </section>
  );
}

function titleOf(t: Translate, target: string): string {
  const group = groupOf(target);
  if (group === "") return t("group.new");
  if (group !== null) return t("policies.ofGroup", { name: group });
  return target === EVERYONE ? t("policies.title") : t("policies.of", { name: target });
}

/** The groups a plugin belongs to, the one whose values win first. */
function Belonging({ groups, onPick }: { groups: readonly string[]; onPick: (target: string) => void }) {
  const { t } = useLanguage();
  return (
    <p className="policy-belonging small" data-testid="policy-groups">
      <span className="muted">{t(groups.length > 1 ? "group.belongsFirst" : "group.belongs")}</span>
      {groups.map((name) => <Button key={name} kind="quiet" onClick={() => onPick(groupTarget(name))}>{name}</Button>)}
    </p>
  );
}
