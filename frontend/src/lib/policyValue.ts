import type { Formatter } from "./format";
import type { Translate } from "./i18n/messages";
import type { PolicyField, PolicyValue } from "./policyTypes";

/** Return a value as it is read: with its unit, or in the words of a choice. */
export function shown(field: PolicyField, value: PolicyValue, t: Translate, format: Formatter): string {
  if (value === null || value === "") return t("policy.none");
  if (Array.isArray(value)) return value.length === 0 ? t("policy.none") : value.join(" · ");
  if (typeof value === "string") return field.options.find((option) => option.value === value)?.text ?? value;
  if (field.unit === "ratio") return format.share(value, 2);
  return field.unit ? format.metric(field.name, value) : format.number(value, 3);
}
