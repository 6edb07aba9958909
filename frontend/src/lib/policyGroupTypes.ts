/** The words of docs/API.md about groups of plugins, and about what a change would mean. */

import type { PolicyValue } from "./policyTypes";

/** Who belongs: one of the kinds, all of the labels, one of the names. */
export interface GroupRule {
  priority: number;
  kinds: string[];
  labels: Record<string, string>;
  names: string[];
}

export interface PluginGroup extends GroupRule {
  name: string;
  source: "file" | "here";
  own: string[];
  count: number;
  members: Record<string, string[]> | null;
}

export interface Consequences {
  plugin_id: string;
  changed: number;
  kept: number;
  plugins: { plugin_id: string; fields: Record<string, { before: PolicyValue; after: PolicyValue }> }[];
  keeping: { plugin_id: string; origin: Record<string, string> }[];
  joining: string[];
  leaving: string[];
}
