import type { Episode, Onset } from "@/lib/pluginTypes";

const SAME_MS = 600_000; // episodes come from five-minute means, findings from minutes

/** Return the onsets with those of episodes that are over, each once. */
export function withEpisodes(onsets: readonly Onset[], episodes: readonly Episode[]): readonly Onset[] {
  const past = episodes.filter((episode) => !onsets.some((onset) => same(onset, episode)));
  if (past.length === 0) return onsets;
  return [...onsets, ...past.map((e): Onset => ({ at: e.since, kind: e.kind, metric: e.metric, severity: "info", text: e.text, present: false }))];
}

function same(onset: Onset, episode: Episode): boolean {
  return onset.metric === episode.metric && Math.abs(Date.parse(onset.at) - Date.parse(episode.since)) <= SAME_MS;
}
