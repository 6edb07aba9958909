"use client";

import { useId, useState } from "react";
import { Button } from "@/components/ui/Button";
import { useUnsaved } from "@/lib/drafts";
import { useLanguage } from "@/lib/i18n/context";
import { useFoundPlugins } from "@/lib/policyQueries";

export const EVERYONE = "default";
const SHOWN_AT_MOST = 12;

interface Props {
  target: string;
  /** The plugins that have a policy of their own. */
  special: readonly string[];
  onPick: (target: string) => void;
}

/** Whose policy: the default of all, those with a policy of their own, or any plugin by its name. */
export function PolicyPicker({ target, special, onPick }: Props) {
  const { t } = useLanguage();
  const unsaved = useUnsaved();
  const near = [EVERYONE, ...new Set([...special.slice(0, SHOWN_AT_MOST), ...unsaved, target].filter((name) => name !== EVERYONE))];
  return (
    <nav className="policy-picker" aria-label={t("policy.whose")}>
      <ul className="policy-targets">
        {near.map((name) => (
          <li key={name}>
            <Button
              kind={name === target ? "primary" : "secondary"} aria-current={name === target ? "page" : undefined}
              data-testid={`policy-of-${name}`} onClick={() => onPick(name)}
            >
              {name === EVERYONE ? t("policy.everyone") : name}
              {unsaved.includes(name) && <span> · {t("policy.unsaved")}</span>}
            </Button>
          </li>
        ))}
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
