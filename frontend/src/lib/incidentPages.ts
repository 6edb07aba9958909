"use client";

/** The questions of the page of incidents. They load with it. */

import { counted, request } from "./api";
import { useLanguage } from "./i18n/context";
import type { FeedbackWord, Incident, PastIncident } from "./incidentTypes";
import { pastQuery, type IncidentFilter } from "./incidentFilter";
import { useAnswer } from "./query/useAnswer";
import { usePages } from "./query/usePages";

const PAGE = 25;
const WORDS = 200; // the newest: older ones are about what is no longer on record

export function useIncidents() {
  const { lang } = useLanguage();
  return useAnswer<Incident[]>({ queryKey: ["incidents", lang], queryFn: () => request("GET", "/incidents"), keepPrevious: true });
}

export function usePastIncidents(filter: IncidentFilter) {
  const { lang } = useLanguage();
  const query = pastQuery(filter);
  return usePages<PastIncident>({
    queryKey: ["past-incidents", query, lang],
    queryFn: (after) => request("GET", "/incidents/past", { query: { ...query, limit: String(PAGE), after } }),
    next: (page) => (page.length < PAGE ? undefined : page.at(-1)?.id),
  });
}

export function usePastCount(filter: IncidentFilter): number | undefined {
  const query = pastQuery(filter);
  const queryKey = ["past-incidents-count", query];
  return useAnswer({ queryKey, queryFn: async () => (await counted<PastIncident>("/incidents/past", { ...query, limit: "1" })).total }).data;
}

/** One that the address names and no list holds. */
export function usePastIncident(id: string) {
  const { lang } = useLanguage();
  return useAnswer<PastIncident>({ queryKey: ["past-incident", id, lang], queryFn: () => request("GET", `/incidents/past/${encodeURIComponent(id)}`) });
}

export function useFeedbackWords() {
  const { lang } = useLanguage();
  return useAnswer<FeedbackWord[]>({ queryKey: ["feedback-words", lang], queryFn: () => request("GET", "/anomaly-feedback", { query: { limit: String(WORDS) } }), keepPrevious: true });
}
