/** What is typed into the form of a group: texts as people write them, the rule as the server keeps it. Pure. */

import type { MessageKey } from "./i18n/messages";
import type { GroupRule } from "./policyGroupTypes";

export interface TypedGroup {
  name: string;
  kinds: string;
  labels: string;
  names: string;
  priority: string;
}

export const EMPTY_GROUP: TypedGroup = { name: "", kinds: "", labels: "", names: "", priority: "0" };
const NAME = /^[a-z0-9][a-z0-9._-]{0,39}$/;
const MOST_PRIORITY = 1000;

export function typedOf(name: string, rule: GroupRule): TypedGroup {
  return {
    name, kinds: rule.kinds.join("\n"), names: rule.names.join("\n"), priority: String(rule.priority),
    labels: Object.entries(rule.labels).map(([key, value]) => `${key}=${value}`).join("\n"),
  };
}

/** Return the rule that was typed, or why it is none yet. */
export function ruleOf(typed: TypedGroup): { rule: GroupRule } | { misfit: MessageKey } {
  const [kinds, names, labels] = [typed.kinds, typed.names, typed.labels].map(lines) as [string[], string[], string[]];
  const pairs = labels.map((line) => line.split(/=(.*)/s).slice(0, 2).map((part) => part.trim()));
  const priority = Number(typed.priority.trim() || "0");
  if (!NAME.test(typed.name)) return { misfit: "group.badName" };
  if (pairs.some(([key, value]) => !key || value === undefined)) return { misfit: "group.badLabel" };
  if (!Number.isInteger(priority) || Math.abs(priority) > MOST_PRIORITY) return { misfit: "group.badPriority" };
  if (kinds.length + names.length + pairs.length === 0) return { misfit: "group.needsCondition" };
  return { rule: { priority, kinds, names, labels: Object.fromEntries(pairs) as Record<string, string> } };
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}
