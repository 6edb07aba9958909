"use client";

import type { MouseEvent } from "react";
import { Button } from "@/components/ui/Button";
import { errorText } from "@/components/optimization/ErrorNotice";
import { ApiError } from "@/lib/api";
import { useLanguage } from "@/lib/i18n/context";
import type { PolicyField } from "@/lib/policyTypes";
import { shown } from "@/lib/policyValue";
import type { PolicyEditor } from "./usePolicyEditor";

/** What would be saved, word for word; it stays in sight while anything is unsaved. */
export function SaveBar({ editor, schema }: { editor: PolicyEditor; schema: readonly PolicyField[] }) {
  const { t, format } = useLanguage();
  const changed = schema.filter((field) => field.name in editor.given);
  const wrong = Object.keys(editor.misfits).length;
  const hindrance = wrong > 0 ? t("policy.wrong", { n: wrong }) : editor.moved.length > 0 ? t("policy.decideFirst") : null;
  if (Object.keys(editor.typed).length === 0) return editor.saved ? <p className="save-bar is-saved" data-testid="policy-saved">{t("policy.saved")}</p> : null;
  return (
    <section className="save-bar" aria-label={t("policy.unsaved")} data-testid="save-bar">
      <div className="save-bar-text">
        <strong>{t("policy.changes", { n: changed.length })}</strong>
        <ul className="save-bar-changes small">
          {changed.map((field) => {
            const to = editor.given[field.name] ?? editor.base.inherited[field.name] ?? null;
            return (
              <li key={field.name}>
                {field.text}: <del>{shown(field, editor.base.policy[field.name] ?? null, t, format)}</del>{" → "}
                <ins>{shown(field, to, t, format)}</ins>
              </li>
            );
          })}
        </ul>
        {hindrance && <p className="field-error" data-testid="policy-hindrance">{hindrance}</p>}
        <Refusal error={editor.refusal} atFields={editor.refusedAt.length > 0} />
      </div>
      <div className="save-bar-actions">
        <a className="button" href="#preview-title" onClick={toPreview}>{t("preview.start")}</a>
        <Button data-testid="policy-discard" onClick={editor.discard}>{t("policy.discard")}</Button>
        <Button
          kind="primary" icon="check" data-testid="policy-save" busy={editor.saving}
          disabled={hindrance !== null || changed.length === 0} onClick={editor.save}
        >
          {t("policy.save")}
        </Button>
      </div>
    </section>
  );
}

/** By hand: the address holds the view, and no place within it. */
function toPreview(event: MouseEvent<HTMLAnchorElement>): void {
  event.preventDefault();
  const title = document.getElementById("preview-title");
  title?.scrollIntoView({ block: "start" });
  title?.focus({ preventScroll: true });
}

function Refusal({ error, atFields }: { error: unknown; atFields: boolean }) {
  const { t } = useLanguage();
  if (!error || (error instanceof ApiError && error.status === 412)) return null; // that is told by what has changed
  return <p className="field-error" role="alert" data-testid="policy-error">{atFields ? t("policy.refusedAt") : errorText(t, error)}</p>;
}
