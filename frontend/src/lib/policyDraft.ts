/** What is typed into a form of policies: texts as people write them, values as the server keeps them. Pure. */

import type { MessageKey, Variables } from "./i18n/messages";
import type { Policy, PolicyField, PolicyValue, PolicyView } from "./policyTypes";

/** By field what was typed; null: it returns to what it inherits. A field that was not touched is not in it. */
export type Typed = Readonly<Record<string, string | null>>;

export interface Misfit {
  key: MessageKey;
  variables: Variables;
}

export type Parsed = { value: PolicyValue } | { misfit: Misfit };

const MEBIBYTE = 2 ** 20;

/** How many of the shown unit are one of the stored: shares are typed in percent, bytes in MiB. */
export function scaleOf(field: PolicyField): number {
  if (field.unit === "ratio") return 100;
  return field.unit === "bytes" ? 1 / MEBIBYTE : 1;
}

/** Return a value as it is typed. */
export function textOf(field: PolicyField, value: PolicyValue): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.join("\n");
  if (typeof value !== "number") return value;
  return String(Number((value * scaleOf(field)).toPrecision(12)));
}

/** Return what a text stands for, or what would have been right. */
export function parse(field: PolicyField, text: string): Parsed {
  if (field.type === "choice") return { value: text };
  if (field.type === "texts") return { value: text.split("\n").map((line) => line.trim()).filter(Boolean) };
  const written = text.trim().replace(",", ".");
  if (written === "") return field.nullable ? { value: null } : { misfit: range(field, "policy.needed") };
  const typed = Number(written);
  if (!Number.isFinite(typed)) return { misfit: range(field, "policy.noNumber") };
  const value = Number((typed / scaleOf(field)).toPrecision(12));
  if (field.type === "integer" && !Number.isInteger(value)) return { misfit: range(field, "policy.noInteger") };
  return holds(field, value) ? { value } : { misfit: range(field, field.above ? "policy.above" : "policy.range") };
}

function holds({ minimum, maximum, above }: PolicyField, value: number): boolean {
  if (minimum !== null && (above ? value <= minimum : value < minimum)) return false;
  return maximum === null || value <= maximum;
}

function range(field: PolicyField, key: MessageKey): Misfit {
  return { key, variables: { least: textOf(field, field.minimum ?? 0), most: textOf(field, field.maximum ?? 0) } };
}

export interface Changes {
  /** What would be sent; null takes a field back. */
  given: Policy;
  misfits: Readonly<Record<string, Misfit>>;
}

/** Return what was typed as changes of the policy it was typed into. */
export function changesOf(schema: readonly PolicyField[], base: PolicyView, typed: Typed): Changes {
  const given: Policy = {};
  const misfits: Record<string, Misfit> = {};
  for (const field of schema) {
    const text = typed[field.name];
    if (text === undefined) continue;
    if (text === null) {
      if (base.own.includes(field.name)) given[field.name] = null;
      continue;
    }
    const parsed = parse(field, text);
    if ("misfit" in parsed) misfits[field.name] = parsed.misfit;
    else if (same(parsed.value, base.policy[field.name] ?? null)) continue;
    // To the server null means "back to what it inherits": where that is a value, "none" cannot be said.
    else if (parsed.value === null && base.inherited[field.name] !== null) misfits[field.name] = { key: "policy.notEmpty", variables: {} };
    else given[field.name] = parsed.value;
  }
  return { given, misfits };
}

/** Return the fields that are otherwise by now. */
export function movedBetween(before: PolicyView, now: PolicyView): string[] {
  return Object.keys(now.policy).filter((name) => !same(before.policy[name] ?? null, now.policy[name] ?? null));
}

export function same(one: PolicyValue, other: PolicyValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
