"use client";

import { useId, useState } from "react";
import { Button } from "@/components/ui/Button";
import { useUnsaved } from "@/lib/drafts";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { groupOf, groupTarget, usePluginGroups } from "@/lib/policyGroups";
import { useFoundPlugins } from "@/lib/policyQueries";
import { EVERYONE } from "@/lib/policySource";

const NEW_GROUP = groupTarget("");
const SHOWN_AT_MOST = 12;

interface Props {
  target: string;
  /** The plugins that have a policy of their own. */
  special: readonly string[];
  onPick: (target: string) => void;
}

/** Whose policy: the default of all, groups, those with a policy of their own, or any plugin by its name. */
export function PolicyPicker({ target, special, onPick }: Props) {
  const { t } = useLanguage();
  const unsaved = useUnsaved();
  const { adminOnly } = usePermission();
  const groups = usePluginGroups().map((group) => groupTarget(group.name));
  const near = [EVERYONE, ...new Set([...groups, ...special.slice(0, SHOWN_AT_MOST), ...unsaved, target].filter((name) => name !== EVERYONE && name !== NEW_GROUP))];
  const named = (name: string) => {
    const group = groupOf(name);
    return name === EVERYONE ? t("policy.everyone") : group === null ? name : t("policy.group", { name: group });
  };
  return (
    <nav className="policy-picker" aria-label={t("policy.whose")}>
      <ul className="policy-targets">
        {near.map((name) => (
          <li key={name}>
            <Button
              kind={name === target ? "primary" : "secondary"} aria-current={name === target ? "page" : undefined}
              data-testid={`policy-of-${name}`} onClick={() => onPick(name)}
            >
              {named(name)}
              {unsaved.includes(name) && <span> · {t("policy.unsaved")}</span>}
            </Button>
          </li>
        ))}
        {!adminOnly && (
          <li>
            <Button kind={target === NEW_GROUP ? "primary" : "quiet"} aria-current={target === NEW_GROUP ? "page" : undefined} data-testid="group-new" onClick={() => onPick(NEW_GROUP)}>
              {t("group.new")}
            </Button>
          </li>
        )}
      </ul>
      <Finder onPick={onPick} />
      {special.length > SHOWN_AT_MOST && <p className="muted small">{t("more", { n: special.length - SHOWN_AT_MOST })}</p>}
    </nav>
  );
}

function Finder({ onPick }: { onPick: (target: string) => void }) {
  const { t } = useLanguage();
  const [words, setWords] = useState("");
  const found = useFoundPlugins(words);
  const id = useId();
  const take = (text: string) => {
    setWords(text);
    if (found.some((plugin) => plugin.plugin_id === text)) {
      setWords("");
      onPick(text);
    }
  };
  return (
    <label className="policy-find small">
      <span className="muted">{t("policy.find")}</span>
      <input list={id} value={words} data-testid="policy-find" autoComplete="off" onChange={(event) => take(event.target.value)} />
      <datalist id={id}>{found.map((plugin) => <option key={plugin.plugin_id} value={plugin.plugin_id} />)}</datalist>
    </label>
  );
}
