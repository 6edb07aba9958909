"use client";

import { Notice } from "@/components/ui/Notice";
import { useLanguage } from "@/lib/i18n/context";
import type { Marked } from "@/lib/laterApi";
import { usePermission } from "@/lib/permission";
import type { PolicyField, PolicyView } from "@/lib/policyTypes";
import { PolicyConsequences } from "./PolicyConsequences";
import { MovedNotice } from "./MovedNotice";
import { PolicyFieldRow } from "./PolicyFieldRow";
import { PreviewPanel } from "./PreviewPanel";
import { SaveBar } from "./SaveBar";
import { usePolicyEditor } from "./usePolicyEditor";

interface Props {
  target: string;
  schema: readonly PolicyField[];
  latest: Marked<PolicyView>;
}

/** The fields of a policy in the groups of the schema, what saving would mean, and saving. */
export function PolicyForm({ target, schema, latest }: Props) {
  const { t } = useLanguage();
  const editor = usePolicyEditor(target, schema, latest);
  const { adminOnly } = usePermission();
  const groups = [...new Set(schema.map((field) => field.group))];
  return (
    <form className="policy-form" onSubmit={(event) => event.preventDefault()} noValidate>
      {adminOnly && <Notice tone="neutral" title={adminOnly} testId="policy-why-not" />}
      <MovedNotice editor={editor} schema={schema} />
      {groups.map((group) => {
        const fields = schema.filter((field) => field.group === group);
        return (
          <section key={group} className="card policy-group" aria-labelledby={`group-${group}`}>
            <h3 id={`group-${group}`}>{fields[0]?.group_text}</h3>
            <div className="policy-fields">
              {fields.map((field) => <PolicyFieldRow key={field.name} field={field} editor={editor} whyNot={adminOnly} />)}
            </div>
          </section>
        );
      })}
      {!adminOnly && <PolicyConsequences target={target} editor={editor} schema={schema} />}
      {!adminOnly && <PreviewPanel target={target} editor={editor} />}
      {!adminOnly && <SaveBar editor={editor} schema={schema} />}
      <p className="visually-hidden" role="status">{editor.saved ? t("policy.saved") : ""}</p>
    </form>
  );
}
