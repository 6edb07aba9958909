"use client";

import { Icon } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";

interface Props {
  labels: Record<string, Record<string, number>>;
  chosen: readonly string[];
  onChange: (labels: readonly string[]) => void;
}

/** Adds a label to filter by; those that are chosen stand beside it and go by a press. */
export function LabelFilter({ labels, chosen, onChange }: Props) {
  const { t, format } = useLanguage();
  return (
    <>
      <label className="choice">
        <span className="visually-hidden">{t("list.label")}</span>
        <select value="" data-testid="filter-label" onChange={(event) => event.target.value && onChange([...chosen, event.target.value])}>
          <option value="">{t("list.anyLabel")}</option>
          {Object.entries(labels).map(([key, values]) => (
            <optgroup key={key} label={key}>
              {Object.entries(values).filter(([value]) => !chosen.includes(`${key}=${value}`)).map(([value, count]) => (
                <option key={value} value={`${key}=${value}`}>{`${value} (${format.number(count)})`}</option>
              ))}
              <option value={`${key}=`}>{t("list.without", { label: key })}</option>
            </optgroup>
          ))}
        </select>
      </label>
      {chosen.map((label) => (
        <button
          key={label} type="button" className="chip" data-testid={`label-${label}`} aria-label={t("list.removeLabel", { label })}
          onClick={() => onChange(chosen.filter((one) => one !== label))}
        >
          {label.endsWith("=") ? t("list.without", { label: label.slice(0, -1) }) : label} <Icon name="close" size={13} />
        </button>
      ))}
    </>
  );
}
