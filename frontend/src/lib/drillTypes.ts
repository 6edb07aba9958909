/** One metric looked at closely, in the words of docs/API.md. */

/** `change` is the step from the level before, null for the first. */
export interface Segment {
  since: string;
  until: string;
  level: number;
  spread: number;
  change: number | null;
}

export interface Alike {
  since: string;
  until: string;
  correlation: number;
}

export interface Drill {
  metric: string;
  step_seconds: number;
  segments: Segment[];
  /** What was sought; null where there is nothing whole to be sought. */
  shape: [string, string] | null;
  /** The most alike first. */
  alike: Alike[];
}
