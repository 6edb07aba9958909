"use client";

import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { useLanguage } from "@/lib/i18n/context";
import type { PolicyField } from "@/lib/policyTypes";
import { shown } from "@/lib/policyValue";
import type { PolicyEditor } from "./usePolicyEditor";

/** What somebody else changed while this was typed; both are kept until the reader decides. */
export function MovedNotice({ editor, schema }: { editor: PolicyEditor; schema: readonly PolicyField[] }) {
  const { t, format } = useLanguage();
  if (editor.moved.length === 0) return null;
  const fields = schema.filter((field) => editor.moved.includes(field.name));
  return (
    <Notice
      tone="warning" urgent title={t("policy.moved")} testId="policy-moved"
      action={<>
        <Button data-testid="policy-go-on" onClick={editor.goOn}>{t("policy.goOn")}</Button>
        <Button kind="quiet" data-testid="policy-drop" onClick={editor.discard}>{t("policy.takeTheirs")}</Button>
      </>}
    >
      <ul className="plain-list">
        {fields.map((field) => (
          <li key={field.name}>
            {field.text}: <del>{shown(field, editor.base.policy[field.name] ?? null, t, format)}</del>{" → "}
            <ins>{shown(field, editor.now.policy[field.name] ?? null, t, format)}</ins>
            {editor.typed[field.name] !== undefined && <strong> {t("policy.youToo")}</strong>}
          </li>
        ))}
      </ul>
      <p>{t("policy.movedMeans")}</p>
    </Notice>
  );
}
