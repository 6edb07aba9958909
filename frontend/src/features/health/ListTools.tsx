"use client";

import { useEffect, useState } from "react";
import { Button } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { Icon } from "@/components/ui/Icon";
import type { Fleet } from "@/lib/fleetTypes";
import { useLanguage } from "@/lib/i18n/context";
import { isFiltered, SORTS, WHOLE_LIST, type ListView } from "@/lib/listView";
import { SEARCH_FIELD } from "@/lib/shortcuts";
import { HealthFilter } from "./HealthFilter";
import { LabelFilter } from "./LabelFilter";

const TYPED_MS = 200;

interface Props {
  list: ListView;
  onList: (change: Partial<ListView>, step?: "next" | "here") => void;
  fleet: Fleet | undefined;
  /** How many plugins fit; null while that is being asked. */
  found: number | null;
}

/** What is listed: words, health, kind, labels, groups and order. */
export default function ListTools({ list, onList, fleet, found }: Props) {
  const { t, format } = useLanguage();
  const kinds = Object.keys(fleet?.touchpoints ?? {});
  const keys = Object.keys(fleet?.labels ?? {});
  const total = fleet?.total ?? 0;
  return (
    <div className="list-tools" role="search" aria-label={t("list.tools")}>
      <Search value={list.search} onChange={(search, step) => onList({ search }, step)} />
      <HealthFilter list={list} counts={fleet?.health} onChange={(health) => onList({ health })} />
      <div className="list-choices">
        {(kinds.length > 1 || list.touchpoint) && (
          <Choice
            label={t("list.touchpoint")} value={list.touchpoint ?? ""} testId="filter-touchpoint" onChange={(value) => onList({ touchpoint: value || null })}
            options={[{ value: "", label: t("list.anyTouchpoint") }, ...kinds.map((kind) => ({ value: kind, label: kind }))]}
          />
        )}
        {keys.length > 0 && <LabelFilter labels={fleet?.labels ?? {}} chosen={list.labels} onChange={(labels) => onList({ labels })} />}
        {(kinds.length > 1 || keys.length > 0 || list.group) && (
          <Choice
            label={t("list.group")} value={list.group ?? ""} testId="group-by" onChange={(value) => onList({ group: value || null, opened: [] })}
            options={[
              { value: "", label: t("list.noGroup") },
              { value: "touchpoint", label: t("list.groupBy", { name: t("list.touchpoint") }) },
              ...keys.map((key) => ({ value: `label:${key}`, label: t("list.groupBy", { name: key }) })),
            ]}
          />
        )}
        <Choice
          label={t("list.sort")} value={list.sort} testId="sort-by" onChange={(sort) => onList({ sort })}
          options={SORTS.map((sort) => ({ value: sort, label: t(`sort.${sort}`) }))}
        />
      </div>
      <p className="list-found" role="status" data-testid="list-found">
        {found === null ? t("loading") : t("list.found", { n: total, found: format.number(found), total: format.number(total) })}
        {isFiltered(list) && (
          <Button kind="quiet" icon="close" data-testid="clear-filters" onClick={() => onList({ ...WHOLE_LIST, sort: list.sort, group: list.group })}>{t("list.clear")}</Button>
        )}
      </p>
    </div>
  );
}

/** The address follows the typing: the first letter makes a step of the browser's history, the others stay in it. */
function Search({ value, onChange }: { value: string; onChange: (value: string, step: "next" | "here") => void }) {
  const { t } = useLanguage();
  const [typed, setTyped] = useState<{ text: string; over: string } | null>(null);
  const text = typed && typed.over === value ? typed.text : value; // what the address says by now counts
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text, value === "" ? "next" : "here"), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <label className="list-search">
      <span className="visually-hidden">{t("list.search")}</span>
      <Icon name="search" />
      <input
        id={SEARCH_FIELD} type="search" value={text} placeholder={t("list.searchHint")} data-testid="plugin-search" autoComplete="off" spellCheck={false} maxLength={200}
        onChange={(event) => setTyped({ text: event.target.value, over: value })}
        onKeyDown={(event) => event.key === "Enter" && onChange(text, value === "" ? "next" : "here")}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}
