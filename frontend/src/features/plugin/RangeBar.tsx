"use client";

import { useId, useState, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { useLanguage } from "@/lib/i18n/context";
import { COMPARISONS, RANGES, toField, validSpan, spanOf, type PageState, type Span } from "./pageState";
import type { Zoom } from "./useZoom";

interface Props {
  page: PageState;
  change: (changed: Partial<PageState>) => void;
  zoom: Zoom;
}

/** Which stretch of time is shown, and what it is compared with. */
export function RangeBar({ page, change, zoom }: Props) {
  const { t, format } = useLanguage();
  const [typing, setTyping] = useState<Span | null>(null);
  const type = () => setTyping(typing ? null : (page.span ?? { from: Date.now() - spanOf(page), to: Date.now() }));
  return (
    <div className="range-bar">
      <div className="range-choices" role="group" aria-label={t("plugin.range")}>
        {RANGES.map((range) => (
          <button
            key={range} type="button" className="range" aria-pressed={page.range === range && !page.span} data-testid={`range-${range}`}
            onClick={() => change({ range, span: null })}
          >
            {t(`plugin.range.${range}`)}
          </button>
        ))}
        <button type="button" className="range" aria-pressed={page.span !== null} aria-expanded={typing !== null} onClick={type} data-testid="range-custom">
          {t("plugin.range.custom")}
        </button>
      </div>
      <Choice
        label={t("plugin.compare")} labelled="shown" value={page.compare} onChange={(compare) => change({ compare })} testId="compare"
        options={COMPARISONS.map((name) => ({ value: name, label: t(`plugin.compare.${name}`) }))}
      />
      {page.span && (
        <p className="range-span" role="status" data-testid="span">
          <span>{format.time(new Date(page.span.from).toISOString())} – {format.time(new Date(page.span.to).toISOString())}</span>
          <Button onClick={zoom.out} data-testid="zoom-out">{t("plugin.zoom.out")}</Button>
        </p>
      )}
      {typing && <SpanForm start={typing} onSpan={(span) => { setTyping(null); zoom.to(span); }} />}
    </div>
  );
}

function SpanForm({ start, onSpan }: { start: Span; onSpan: (span: Span) => void }) {
  const { t } = useLanguage();
  const id = useId();
  const [from, setFrom] = useState(toField(start.from));
  const [to, setTo] = useState(toField(start.to));
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const span = validSpan(Date.parse(from), Date.parse(to));
    const past = span !== null && span.from < Date.now();
    setWrong(!past);
    if (span && past) onSpan(span);
  };
  return (
    <form className="span-form" onSubmit={submit} noValidate>
      <label>{t("plugin.range.from")} <input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} aria-describedby={`${id}-zone`} data-testid="span-from" /></label>
      <label>{t("plugin.range.to")} <input type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} aria-describedby={`${id}-zone`} data-testid="span-to" /></label>
      <Button type="submit">{t("plugin.range.show")}</Button>
      <p className="muted small" id={`${id}-zone`}>{t("plugin.range.zone", { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}</p>
      {wrong && <p className="field-error" role="alert">{t("plugin.range.wrong")}</p>}
    </form>
  );
}
