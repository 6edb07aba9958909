"use client";

interface Props<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
  testId?: string;
  /** Whether the label is shown beside the field, or only read out. */
  labelled?: "shown" | "read";
}

export function Choice<Value extends string>({ label, value, options, onChange, testId, labelled = "read" }: Props<Value>) {
  return (
    <label className="choice">
      <span className={labelled === "read" ? "visually-hidden" : "choice-label"}>{label}</span>
      <select data-testid={testId} value={value} onChange={(event) => onChange(event.target.value as Value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>{option.label}</option>
        ))}
      </select>
    </label>
  );
}
