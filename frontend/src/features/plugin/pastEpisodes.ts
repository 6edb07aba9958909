import type { Episode, Onset } from "@/lib/pluginTypes";

const SAME_MS = 600_000; // episodes come from five-minute means, findings from minutes

/** Return the onsets, each with what was said of it, and with those of episodes that are over, each once. */
export function withEpisodes(onsets: readonly Onset[], episodes: readonly Episode[]): readonly Onset[] {
  if (episodes.length === 0) return onsets;
  const past = episodes.filter((episode) => !onsets.some((onset) => same(onset, episode)));
  const said = onsets.map((onset): Onset => {
    const word = episodes.find((episode) => episode.kind === onset.kind && same(onset, episode))?.feedback;
    return word ? { ...onset, feedback: word } : onset;
  });
  return [
    ...said,
    ...past.map((e): Onset => ({ at: e.since, kind: e.kind, metric: e.metric, severity: "info", text: e.text, present: false, feedback: e.feedback })),
  ];
}

function same(onset: Onset, episode: Episode): boolean {
  return onset.metric === episode.metric && Math.abs(Date.parse(onset.at) - Date.parse(episode.since)) <= SAME_MS;
}
