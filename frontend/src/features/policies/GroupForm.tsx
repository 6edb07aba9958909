"use client";

import { useId, useState } from "react";
import { errorText } from "@/components/optimization/ErrorNotice";
import { Button } from "@/components/ui/Button";
import type { Marked } from "@/lib/laterApi";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { ruleOf, type TypedGroup } from "@/lib/policyGroupDraft";
import { useGroupConsequences, usePluginGroups, useSaveGroup } from "@/lib/policyGroups";
import type { PluginGroup } from "@/lib/policyGroupTypes";
import type { PolicyField } from "@/lib/policyTypes";
import { ConsequencesList } from "./PolicyConsequences";

interface Props {
  /** The group as it is; null where it is yet to be made. */
  known: Marked<PluginGroup> | null;
  typedAtFirst: TypedGroup;
  schema: readonly PolicyField[];
  onSaved?: (name: string) => void;
}

/** The conditions of a group, and what saving them would mean for which plugins. */
export function GroupForm({ known, typedAtFirst, schema, onSaved }: Props) {
  const { t } = useLanguage();
  const { adminOnly } = usePermission();
  const [typed, setTyped] = useState(typedAtFirst);
  const taken = usePluginGroups().some((group) => known === null && group.name === typed.name);
  const save = useSaveGroup();
  const parsed = ruleOf(typed);
  const rule = "rule" in parsed && !taken ? parsed.rule : null;
  const changed = JSON.stringify(typed) !== JSON.stringify(typedAtFirst);
  const told = useGroupConsequences(typed.name, changed ? rule : null);
  const locked = adminOnly !== null || known?.value.source === "file";
  const said = taken ? t("group.taken") : "misfit" in parsed ? t(parsed.misfit) : null;
  const field = (name: keyof TypedGroup) => ({
    name, text: typed[name], disabled: locked, onText: (text: string) => setTyped({ ...typed, [name]: text }),
  });
  return (
    <div className="group-form">
      <div className="policy-fields">
        {known === null && <TextField {...field("name")} />}
        <TextField {...field("names")} rows={3} />
        <TextField {...field("labels")} rows={3} />
        <TextField {...field("kinds")} rows={3} />
        <TextField {...field("priority")} />
      </div>
      {told && <ConsequencesList told={told} schema={schema} />}
      {save.error !== null && <p className="field-error" role="alert">{errorText(t, save.error)}</p>}
      {!locked && (changed || known === null) && (
        <div className="group-actions">
          <Button
            kind="primary" icon="check" data-testid="group-save" busy={save.isPending} disabled={rule === null || !changed}
            onClick={() => rule && save.mutate({ name: typed.name, rule, etag: known?.etag ?? null }, { onSuccess: () => onSaved?.(typed.name) })}
          >
            {t(known === null ? "group.make" : "group.save")}
          </Button>
          {changed && said && <span className="muted small" role="status" data-testid="group-hindrance">{said}</span>}
        </div>
      )}
    </div>
  );
}

interface FieldProps {
  name: keyof TypedGroup;
  text: string;
  disabled: boolean;
  onText: (text: string) => void;
  rows?: number;
}

function TextField({ name, text, disabled, onText, rows }: FieldProps) {
  const { t } = useLanguage();
  const id = useId();
  const shared = { id, value: text, disabled, "aria-describedby": `${id}-help`, "data-testid": `group-${name}`, autoComplete: "off" };
  return (
    <div className="policy-field">
      <label htmlFor={id}>{t(`group.${name}`)}</label>
      {rows ? <textarea {...shared} rows={rows} spellCheck={false} onChange={(event) => onText(event.target.value)} />
        : <span className="policy-input"><input {...shared} onChange={(event) => onText(event.target.value)} /></span>}
      <p id={`${id}-help`} className="muted small">{t(`group.${name}Help`)}</p>
    </div>
  );
}
