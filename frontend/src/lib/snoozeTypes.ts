/** Somebody's word to wait until then, or until a figure is worse by the share `worse_by`. */
export interface Snooze {
  at: string;
  by: string;
  reason: string;
  until: string;
  worse_by: number;
  figures: { metric: string; then: number; now: number | null }[];
}

export interface SnoozeWish {
  hours: number;
  worse_by: number;
  reason: string;
}
