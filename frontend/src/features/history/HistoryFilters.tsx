"use client";

import { useId, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { DayField, PluginField } from "@/components/optimization/FilterFields";
import { RESULTS, type HistorySearch } from "@/lib/historySearch";
import { useLanguage } from "@/lib/i18n/context";
import type { SuggestionType } from "@/lib/types";

const TYPES: readonly SuggestionType[] = [
  "increase_workers", "decrease_workers", "adjust_cache", "update_config", "recycle_workers", "investigate_error", "optimize_response_time", "check_plugin_status",
];

interface Props {
  plugin: string | null;
  search: HistorySearch;
  /** The track record is by plugin and time alone. */
  part: "changes" | "record";
  onPlugin: (plugin: string | null) => void;
  onSearch: (change: HistorySearch) => void;
  onClear: () => void;
}

/** What is to be seen: each choice at once, words at Enter or when the field is left. All of it stands in the address. */
export function HistoryFilters({ plugin, search, part, onPlugin, onSearch, onClear }: Props) {
  const { t } = useLanguage();
  const any = { value: "", label: t("history.all") };
  const changes = part === "changes";
  const filtered = plugin !== null || (["type", "result", "who", "from", "to", "words"] as const).some((name) => search[name]);
  return (
    <div className="history-filters" role="search" aria-label={t("history.search")}>
      <PluginField testId="history-filter" selected={plugin} onSelect={onPlugin} />
      {changes && <Choice label={t("history.type")} labelled="shown" testId="filter-type" value={search.type ?? ""} options={[any, ...TYPES.map((type) => ({ value: type, label: t(`type.${type}`) }))]} onChange={(type) => onSearch({ type })} />}
      {changes && <Choice label={t("history.result")} labelled="shown" testId="filter-result" value={search.result ?? ""} options={[any, ...RESULTS.map((result) => ({ value: result, label: t(`result.${result}`) }))]} onChange={(result) => onSearch({ result })} />}
      {changes && <Words name="who" label={t("history.who")} value={search.who} hint={t("history.who.hint")} onEnter={(who) => onSearch({ who })} />}
      <DayField name="from" label={t("history.from")} value={search.from} onChange={(from) => onSearch({ from })} />
      <DayField name="to" label={t("history.to")} value={search.to} onChange={(to) => onSearch({ to })} />
      {changes && <Words name="words" label={t("history.words")} value={search.words} onEnter={(words) => onSearch({ words })} />}
      {filtered && <Button kind="quiet" icon="close" data-testid="clear-filters" onClick={onClear}>{t("history.clear")}</Button>}
    </div>
  );
}

interface Field {
  name: string;
  label: string;
  value: string | undefined;
}

function Words({ name, label, value = "", hint, onEnter }: Field & { hint?: string; onEnter: (words: string) => void }) {
  const id = useId();
  const tell = (form: HTMLFormElement | null) => {
    const words = form ? String(new FormData(form).get(name)).trim() : "";
    if (words !== value) onEnter(words);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    tell(event.currentTarget);
  };
  return (
    <form className="choice" onSubmit={submit}>
      <label className="choice-label" htmlFor={id}>{label}</label>
      <input key={value} id={id} name={name} type="search" className="field" data-testid={`filter-${name}`} defaultValue={value} placeholder={hint} maxLength={100} autoComplete="off" onBlur={(event) => tell(event.currentTarget.form)} />
    </form>
  );
}
