"use client";

import { useId, useState } from "react";
import { useLanguage } from "@/lib/i18n/context";
import { useNamesLike } from "@/lib/pluginPages";

interface PluginProps {
  selected: string | null;
  onSelect: (plugin: string | null) => void;
  testId: string;
}

/** A name that is typed or picked; the server is asked for those that hold the letters, for there may be thousands. */
export function PluginField({ selected, onSelect, testId }: PluginProps) {
  const { t } = useLanguage();
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? selected ?? "";
  const names = useNamesLike(text).data?.rows.map((plugin) => plugin.plugin_id) ?? [];
  const choose = (value: string) => {
    const isName = value === "" || names.includes(value);
    setTyped(isName ? null : value);
    if (isName && value !== (selected ?? "")) onSelect(value || null);
  };
  return (
    <label className="choice">
      <span className="choice-label">{t("history.filter")}</span>
      <input
        type="search" className="field" list={id} value={text} placeholder={t("history.all")} data-testid={testId} autoComplete="off"
        onChange={(event) => choose(event.target.value)} onBlur={() => setTyped(null)}
      />
      <datalist id={id}>{names.map((name) => <option key={name} value={name} />)}</datalist>
    </label>
  );
}

interface DayProps {
  name: string;
  label: string;
  value: string | undefined;
  onChange: (day: string) => void;
}

export function DayField({ name, label, value = "", onChange }: DayProps) {
  return (
    <label className="choice">
      <span className="choice-label">{label}</span>
      <input type="date" className="field" data-testid={`filter-${name}`} value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
