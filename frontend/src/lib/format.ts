/** SI numbers and ISO times to what people read. The unit is the last word of a metric's name. */

const LOCALES = { ko: "ko-KR", en: "en-GB" } as const;
const SECOND = { ko: "초", en: " s" } as const;
const POINTS = { ko: "%p", en: "pp" } as const;
export const MISSING = "–";

export interface Formatter {
  number: (value: number | null | undefined, digits?: number) => string;
  /** A ratio 0…1 as a percentage. */
  share: (ratio: number | null | undefined, digits?: number) => string;
  percent: (percent: number | null | undefined) => string;
  milliseconds: (value: number | null | undefined) => string;
  metric: (name: string, value: number | null | undefined) => string;
  /** Change from before to after as a signed percentage: "−87 %"; of a ratio in percentage points: "+57 pp". */
  changed: (before: number | null, after: number | null, metric?: string) => string;
  time: (iso: string | null) => string;
  clock: (iso: string | null) => string;
  ago: (iso: string | null, now: number) => string;
  duration: (seconds: number) => string;
  /** The time zone of all times: "Asia/Seoul, GMT+9". */
  zone: () => string;
}

type Numbers = (value: number, options?: Intl.NumberFormatOptions) => string;

export function formatter(lang: "ko" | "en"): Formatter {
  const locale = LOCALES[lang];
  const numbers = numbersOf(locale);
  const units = unitsOf(locale);
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const zone = new Intl.DateTimeFormat(locale, { timeZoneName: "short" });
  const zoneAt = zoneNames(zone);
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  const known = <T,>(show: (value: T) => string) => (value: T | null | undefined) =>
    value === null || value === undefined || Number.isNaN(value) ? MISSING : show(value);

  return {
    number: (value, digits = 2) => known((n: number) => numbers(n, { maximumSignificantDigits: Math.max(digits, wholeDigits(n)) }))(value),
    share: (ratio, digits = 0) => known((n: number) => `${numbers(n * 100, { maximumFractionDigits: digits })} %`)(ratio),
    percent: known((n: number) => `${numbers(n, { maximumFractionDigits: n < 10 ? 1 : 0 })} %`),
    milliseconds: known((n: number) => secondsText(n / 1000, numbers, SECOND[lang])),
    metric: (name, value) => known((n: number) => metricText(name, n, numbers, SECOND[lang]))(value),
    changed: (before, after, metric = "") => {
      if (before === null || after === null) return MISSING;
      if (metric.endsWith("ratio")) return `${signed((after - before) * 100, numbers)} ${POINTS[lang]}`;
      return before === 0 ? MISSING : `${signed((after / before - 1) * 100, numbers)} %`;
    },
    time: known((iso: string) => {
      const at = new Date(iso);
      return `${date.format(at)} ${clock.format(at)} ${zoneAt(at)}`;
    }),
    clock: known((iso: string) => clock.format(new Date(iso))),
    ago: (iso, now) => known((text: string) => agoText((Date.parse(text) - now) / 1000, relative))(iso),
    duration: (seconds) => durationText(seconds, units),
    zone: () => [...new Set([zone.resolvedOptions().timeZone, zoneAt(new Date())])].join(", "),
  };
}

/** Return the text in one line: a number is not parted from its unit. */
export function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

/** To make a number format takes longer than to use it, and a long list has many numbers of few formats. */
function numbersOf(locale: string): Numbers {
  const known = new Map<string, Intl.NumberFormat>();
  return (value, options) => {
    const name = JSON.stringify(options) ?? "";
    const format = known.get(name) ?? new Intl.NumberFormat(locale, options);
    known.set(name, format);
    return format.format(value).replace("-", "−");
  };
}

const ZONE_MS = 900_000; // clocks are put on or back at a quarter of an hour

/** To ask for the name of the zone takes ten times as long as the rest of a time, and neighbouring times share it. */
function zoneNames(zone: Intl.DateTimeFormat): (at: Date) => string {
  let known = { quarter: NaN, name: "" };
  return (at) => {
    const quarter = Math.floor(at.getTime() / ZONE_MS);
    if (quarter !== known.quarter) known = { quarter, name: zone.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "" };
    return known.name;
  };
}

function wholeDigits(value: number): number {
  return Math.abs(value) < 1 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
}

function significant(value: number): Intl.NumberFormatOptions {
  return { maximumSignificantDigits: Math.max(3, wholeDigits(value)) };
}

const A_SECOND = 0.9995; // from here on milliseconds would be rounded to 1000

/** Whole ms from 10 ms to a second (tenths below), then s with at most three digits: as in the sentences of the server. */
function secondsText(seconds: number, numbers: Numbers, unit: string): string {
  if (Math.abs(seconds) >= A_SECOND) return `${numbers(seconds, significant(seconds))}${unit}`;
  const ms = seconds * 1000;
  return `${numbers(ms, { maximumFractionDigits: Math.abs(ms) < 10 ? 1 : 0 })} ms`;
}

const BYTES: [number, string][] = [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]]; // as memory is bought, limited and set; so do the sentences

function bytesText(bytes: number, numbers: Numbers): string {
  const [size, unit] = BYTES.find(([limit]) => Math.abs(bytes) >= limit) ?? [1, "B"];
  return `${numbers(bytes / size, significant(bytes / size))} ${unit}`;
}

function metricText(name: string, value: number, numbers: Numbers, second: string): string {
  if (name.endsWith("per_second")) return `${numbers(value, significant(value))} /s`;
  if (name.endsWith("seconds")) return secondsText(value, numbers, second);
  if (name.endsWith("ratio")) return `${numbers(value * 100, { maximumFractionDigits: Math.abs(value) < 0.1 ? 1 : 0 })} %`;
  if (name.endsWith("bytes")) return bytesText(value, numbers);
  return numbers(value, significant(value));
}

function signed(value: number, numbers: Numbers): string {
  return numbers(value, { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0, signDisplay: "exceptZero" });
}

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [[86400, "day"], [3600, "hour"], [60, "minute"]];

function agoText(seconds: number, relative: Intl.RelativeTimeFormat): string {
  if (Math.abs(seconds) < 1) return relative.format(0, "second");
  const [size, unit] = STEPS.find(([limit]) => Math.abs(seconds) >= limit) ?? [1, "second" as const];
  return relative.format(Math.round(seconds / size), unit);
}

type Units = (value: number, unit: "hour" | "minute" | "second") => string;

function unitsOf(locale: string): Units {
  const numbers = numbersOf(locale);
  return (value, unit) => numbers(value, { style: "unit", unit, unitDisplay: "narrow" });
}

function durationText(seconds: number, show: Units): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return show(whole, "second");
  if (whole < 3600) return `${show(Math.floor(whole / 60), "minute")} ${show(whole % 60, "second")}`;
  return `${show(Math.floor(whole / 3600), "hour")} ${show(Math.floor((whole % 3600) / 60), "minute")}`;
}
