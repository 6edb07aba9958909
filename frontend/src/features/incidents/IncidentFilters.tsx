"use client";

import { Button } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { DayField, PluginField } from "@/components/optimization/FilterFields";
import { useLanguage } from "@/lib/i18n/context";
import { isNarrowed, SEVERITIES, severityOf, type IncidentFilter } from "@/lib/incidentFilter";

interface Props {
  filter: IncidentFilter;
  onFilter: (part: Partial<IncidentFilter>) => void;
  onClear: () => void;
}

/** What is to be seen; each choice at once, and all of it in the address. Days are about what is over. */
export function IncidentFilters({ filter, onFilter, onClear }: Props) {
  const { t } = useLanguage();
  return (
    <div className="history-filters" role="search" aria-label={t("incidents.search")}>
      <PluginField testId="incidents-plugin" selected={filter.plugin ?? null} onSelect={(plugin) => onFilter({ plugin: plugin ?? undefined })} />
      <Choice
        label={t("incidents.severity")} labelled="shown" testId="incidents-severity" value={severityOf(filter)}
        options={SEVERITIES.map((value) => ({ value, label: t(`incidents.severity.${value}`) }))} onChange={(severity) => onFilter({ severity })}
      />
      <DayField name="from" label={t("incidents.from")} value={filter.from} onChange={(from) => onFilter({ from })} />
      <DayField name="to" label={t("history.to")} value={filter.to} onChange={(to) => onFilter({ to })} />
      {isNarrowed(filter) && <Button kind="quiet" icon="close" data-testid="incidents-clear" onClick={onClear}>{t("history.clear")}</Button>}
    </div>
  );
}
