"use client";

import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { PolicyOrigin } from "@/components/optimization/PolicyOrigin";
import { textOf } from "@/lib/policyDraft";
import { isBuiltIn } from "@/lib/policySource";
import type { PolicyField } from "@/lib/policyTypes";
import { shown } from "@/lib/policyValue";
import { ModeChoice } from "./ModeChoice";
import type { PolicyEditor } from "./usePolicyEditor";

interface Props {
  field: PolicyField;
  editor: PolicyEditor;
  whyNot: string | null;
}

/** One field: what it does, what may stand there, who gave the value, and the way back to what it inherits. */
export function PolicyFieldRow({ field, editor, whyNot }: Props) {
  const { t } = useLanguage();
  const id = `policy-${field.name}`;
  const error = useError(field, editor);
  const typed = editor.typed[field.name];
  const text = typed === undefined ? textOf(field, editor.base.policy[field.name] ?? null)
    : typed ?? textOf(field, editor.base.inherited[field.name] ?? null);
  const change = (next: string) =>
    editor.type(field.name, next === textOf(field, editor.base.policy[field.name] ?? null) ? undefined : next);
  const unsaid = typed === undefined && isBuiltIn(editor.base, field.name);
  const shared = {
    id, name: field.name, value: text, disabled: whyNot !== null, "aria-invalid": error !== null, "data-testid": id,
    "aria-describedby": [`${id}-help`, unsaid ? "" : `${id}-from`, error ? `${id}-error` : ""].filter(Boolean).join(" "),
  };
  return (
    <div className={`policy-field${typed === undefined ? "" : " is-changed"}${field.type === "choice" || field.type === "texts" ? " is-wide" : ""}`}>
      {field.type === "choice" ? (
        <ModeChoice field={field} value={text} onChange={change} disabled={whyNot !== null} describedBy={`${id}-help`} />
      ) : (
        <>
          <label htmlFor={id}>{field.text}</label>
          {field.type === "texts"
            ? <textarea {...shared} rows={Math.max(2, text.split("\n").length)} spellCheck={false} onChange={(event) => change(event.target.value)} />
            : (
              <span className="policy-input">
                <input {...shared} inputMode="decimal" autoComplete="off" onChange={(event) => change(event.target.value)} />
                {field.unit && <span className="muted">{t(`policy.unit.${field.unit as "ratio"}`)}</span>}
              </span>
            )}
        </>
      )}
      {error && <p id={`${id}-error`} className="field-error" role="alert" data-testid={`${id}-error`}>{error}</p>}
      <p id={`${id}-help`} className="muted small">{field.help}</p>
      <Origin id={`${id}-from`} field={field} editor={editor} whyNot={whyNot} />
    </div>
  );
}

function useError(field: PolicyField, editor: PolicyEditor): string | null {
  const { t } = useLanguage();
  const misfit = editor.misfits[field.name];
  if (misfit) return t(misfit.key, misfit.variables);
  const refused = editor.refusedAt.find((each) => each.field === field.name);
  return refused ? [refused.plugin_id ?? refused.group, refused.text].filter(Boolean).join(": ") : null;
}

function Origin({ id, field, editor, whyNot }: Props & { id: string }) {
  const { t, format } = useLanguage();
  const { base, typed } = editor;
  const returning = typed[field.name] === null;
  const changed = typed[field.name] !== undefined;
  const here = base.own.includes(field.name);
  const back = shown(field, (here ? base.inherited : base.policy)[field.name] ?? null, t, format);
  const canReturn = whyNot === null && !returning && (here || changed);
  if (!changed && isBuiltIn(base, field.name)) return null; // said once, above all fields
  return (
    <div className="policy-origin small">
      <span id={id} className="muted">
        {returning ? t("policy.willReturn", { value: back })
          : changed ? t("policy.was", { value: shown(field, base.policy[field.name] ?? null, t, format) })
            : <PolicyOrigin view={base} field={field.name} at={base.plugin_id} />}
      </span>
      {canReturn && (
        <Button kind="quiet" icon="undo" data-testid={`return-${field.name}`} onClick={() => editor.type(field.name, here ? null : undefined)}>
          {t("policy.return", { value: back })}<span className="visually-hidden"> {field.text}</span>
        </Button>
      )}
      {returning && (
        <Button kind="quiet" onClick={() => editor.type(field.name, undefined)}>{t("policy.keep")}<span className="visually-hidden"> {field.text}</span></Button>
      )}
    </div>
  );
}
