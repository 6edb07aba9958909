"use client";

import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { PolicyOrigin } from "@/components/optimization/PolicyOrigin";
import { Way } from "@/components/optimization/Way";
import { Skeleton } from "@/components/ui/Skeleton";
import { MoreTexts, useLanguage } from "@/lib/i18n/context";
import { groupTarget } from "@/lib/policyGroups";
import { usePolicies, usePolicy } from "@/lib/policyQueries";
import { isBuiltIn, policyAddress } from "@/lib/policySource";
import type { PolicyField, PolicyView } from "@/lib/policyTypes";
import { shown } from "@/lib/policyValue";

/** What may be done with this plugin, when and how often, and who said so: what is not as it was built in stands first. */
export function PolicyInForce({ id }: { id: string }) {
  const { t } = useLanguage();
  return (
    <section className="card policy-in-force" data-testid="policy-in-force" aria-labelledby="policy-in-force-title">
      <h2 id="policy-in-force-title">{t("plugin.policy")}</h2>
      <MoreTexts of="administration" waiting={<Skeleton lines={4} label={t("loading")} />}><Values id={id} /></MoreTexts>
    </section>
  );
}

function Values({ id }: { id: string }) {
  const { t } = useLanguage();
  const policies = usePolicies();
  const policy = usePolicy(id);
  const troubled = [policies, policy].find((answer) => answer.failed && !answer.data);
  if (troubled) return <ErrorNotice error={troubled.error} onRetry={troubled.askAgain} />;
  if (!policies.data || !policy.data) return <Skeleton lines={4} label={t("loading")} />;
  const view = policy.data.value;
  const given = policies.data.schema.filter((field) => !isBuiltIn(view, field.name));
  const builtIn = policies.data.schema.filter((field) => isBuiltIn(view, field.name));
  return (
    <>
      {view.groups.length > 0 && <Groups names={view.groups} />}
      {given.length > 0 ? <ValueTable fields={given} view={view} /> : <p className="muted">{t("plugin.policy.allBuiltIn")}</p>}
      {builtIn.length > 0 && (
        <details data-testid="policy-built-in">
          <summary>{t("plugin.policy.builtIn", { n: builtIn.length })}</summary>
          <ValueTable fields={builtIn} view={view} />
        </details>
      )}
      <p><Way to={policyAddress(id)} testId="policy-change">{t("plugin.policy.change")}</Way></p>
    </>
  );
}

function Groups({ names }: { names: readonly string[] }) {
  const { t } = useLanguage();
  return (
    <p className="small policy-groups" data-testid="policy-groups">
      <span className="muted">{t(names.length > 1 ? "group.belongsFirst" : "group.belongs")}</span>
      {names.map((name) => <Way key={name} to={policyAddress(groupTarget(name))}>{name}</Way>)}
    </p>
  );
}

function ValueTable({ fields, view }: { fields: readonly PolicyField[]; view: PolicyView }) {
  const { t, format } = useLanguage();
  return (
    <table className="figures stacks">
      <thead><tr><th scope="col">{t("plugin.policy.name")}</th><th scope="col">{t("plugin.policy.value")}</th><th scope="col">{t("plugin.policy.from")}</th></tr></thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field.name} data-testid={`in-force-${field.name}`}>
            <th scope="row">{field.text}</th>
            <td data-label={t("plugin.policy.value")}><strong>{shown(field, view.policy[field.name] ?? null, t, format)}</strong></td>
            <td data-label={t("plugin.policy.from")}><PolicyOrigin view={view} field={field.name} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
