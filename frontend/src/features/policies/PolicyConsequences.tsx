"use client";

import { useLanguage } from "@/lib/i18n/context";
import { groupOf, usePolicyConsequences } from "@/lib/policyGroups";
import type { Consequences } from "@/lib/policyGroupTypes";
import type { PolicyField } from "@/lib/policyTypes";
import { shown } from "@/lib/policyValue";
import type { PolicyEditor } from "./usePolicyEditor";

const NAMED = 12;

/** Whose policy would be another one if this were saved: computed at once from the policies alone. */
export function PolicyConsequences({ target, editor, schema }: { target: string; editor: PolicyEditor; schema: readonly PolicyField[] }) {
  const { t } = useLanguage();
  const told = usePolicyConsequences(target, Object.keys(editor.misfits).length === 0 ? editor.given : {});
  if (!told) return null;
  return (
    <section className="card consequences" aria-labelledby="consequences-title" data-testid="consequences">
      <h3 id="consequences-title">{t("consequences.title")}</h3>
      <ConsequencesList told={told} schema={schema} />
    </section>
  );
}

/** The plugins that would change, those that keep a nearer value, those that come and go; field by field where asked. */
export function ConsequencesList({ told, schema }: { told: Consequences; schema: readonly PolicyField[] }) {
  const { t } = useLanguage();
  const named = (names: readonly string[], count: number) =>
    [...names.slice(0, NAMED), ...(count > NAMED ? ["…"] : [])].join(", ");
  const lines = [
    ["joining", told.joining, told.joining.length], ["leaving", told.leaving, told.leaving.length],
    ["kept", told.keeping.map((each) => `${each.plugin_id} (${[...new Set(Object.values(each.origin))].map((origin) => giver(origin)).join(", ")})`), told.kept],
  ] as const;
  function giver(origin: string): string {
    const group = groupOf(origin);
    return group === null ? t("consequences.byPlugin") : t("consequences.byGroup", { name: group });
  }
  return (
    <div className="consequences-list" role="status">
      <p><strong data-testid="consequences-changed">
        {told.changed === 0 ? t("consequences.none")
          : t("consequences.changed", { n: told.changed, names: named(told.plugins.map((each) => each.plugin_id), told.changed) })}
      </strong></p>
      {lines.map(([sort, names, count]) => count > 0 && (
        <p key={sort} className="muted small" data-testid={`consequences-${sort}`}>{t(`consequences.${sort}`, { n: count, names: named(names, count) })}</p>
      ))}
      {told.changed > 0 && <EachPlugin told={told} schema={schema} />}
    </div>
  );
}

function EachPlugin({ told, schema }: { told: Consequences; schema: readonly PolicyField[] }) {
  const { t, format } = useLanguage();
  return (
    <details className="small">
      <summary>{t("consequences.each")}</summary>
      <ul className="plain-list consequences-each">
        {told.plugins.map((each) => (
          <li key={each.plugin_id}>
            <strong>{each.plugin_id}</strong>{": "}
            {schema.filter((field) => field.name in each.fields).map((field) => (
              <span key={field.name}>
                {field.text} <del>{shown(field, each.fields[field.name]?.before ?? null, t, format)}</del>{" → "}
                <ins>{shown(field, each.fields[field.name]?.after ?? null, t, format)}</ins>{" "}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </details>
  );
}
