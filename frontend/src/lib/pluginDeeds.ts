"use client";

/** What is done on the page of one plugin. */

import { request } from "./api";
import { useDeed } from "./deeds";
import type { UnusualOnset } from "./pluginTypes";

export function useNoProblem(pluginId: string) {
  return useDeed((unusual: UnusualOnset) => request<unknown>("POST", `/plugins/${encodeURIComponent(pluginId)}/anomalies/no-problem`, { body: { ...unusual } }));
}

/** Take back that something was no problem. */
export function useProblemAfterAll() {
  return useDeed((feedbackId: string) => request<unknown>("POST", `/anomaly-feedback/${feedbackId}/undo`));
}
