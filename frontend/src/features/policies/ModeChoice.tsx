"use client";

import type { PolicyField } from "@/lib/policyTypes";

interface Props {
  field: PolicyField;
  value: string;
  onChange: (value: string) => void;
  disabled: boolean;
  describedBy: string;
}

/** The modes side by side, from the most careful to the boldest, each with what it means. */
export function ModeChoice({ field, value, onChange, disabled, describedBy }: Props) {
  return (
    <fieldset className="modes" disabled={disabled} aria-describedby={describedBy}>
      <legend>{field.text}</legend>
      <div className="modes-options">
        {field.options.map((option) => (
          <label key={option.value} className="mode">
            <input
              type="radio" name={field.name} value={option.value} checked={option.value === value}
              data-testid={`${field.name}-${option.value}`} onChange={() => onChange(option.value)}
            />
            <span><strong>{option.text}</strong><span className="muted small">{option.help}</span></span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
