import type { Message, Outcome } from "./types";

export interface Tally {
  executions: number;
  kept: number;
  undone: number;
  failed: number;
  without_effect: number;
  under_way: number;
  verdicts: Partial<Record<Outcome, number>>;
}

export interface KindTally extends Tally {
  suggestion_type: string;
  suggestion_type_text: string;
}

export interface TrackRecord {
  kinds: KindTally[];
  total: Tally;
  /** Seconds that requests were spared while the judge looked; negative where they took longer. */
  time_spared: { seconds: number; requests: number; executions: number; not_counted: number; how: Message };
  since: string | null;
  all: boolean;
}

/** How well the predictions of one kind held; `rate` within `[low, high]`. */
export interface CalibrationKind {
  suggestion_type: string;
  suggestion_type_text: string;
  metric: string;
  model: string;
  plugin_id: string | null;
  predictions: number;
  held: number;
  rate: number | null;
  low: number;
  high: number;
  bias_ratio: number | null;
  bias_points: number | null;
  widening: number;
  not_compared: number;
}
