"use client";

import "@/styles/incidents.css";
import { useLanguage } from "@/lib/i18n/context";
import { parseIncidentFilter, writeIncidentFilter, type IncidentFilter } from "@/lib/incidentFilter";
import { isNamed, type AnyIncident } from "@/lib/incidents";
import type { View } from "@/lib/urlState";
import { IncidentFilters } from "./IncidentFilters";
import { OpenIncidents } from "./OpenIncidents";
import { PastIncidents } from "./PastIncidents";

/** What is wrong, what was, and why: one entry for each cause. */
export default function IncidentsPage({ view, show }: { view: View; show: (change: Partial<View>) => void }) {
  const { t } = useLanguage();
  const filter = parseIncidentFilter(view.filter);
  const change = (part: Partial<IncidentFilter>) => show({ filter: writeIncidentFilter({ ...filter, ...part }) });
  const toggle = (incident: AnyIncident) => change({ open: isNamed(incident, filter.open) ? undefined : incident.id });
  return (
    <section className="incidents" aria-label={t("incidents.title")}>
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <IncidentFilters filter={filter} onFilter={(part) => change({ ...part, open: undefined })} onClear={() => show({ filter: null })} />
      <OpenIncidents filter={filter} onToggle={toggle} onAll={() => change({ severity: "info" })} />
      <PastIncidents filter={filter} onToggle={toggle} onClose={() => change({ open: undefined })} />
    </section>
  );
}
