"use client";

import { memo } from "react";
import { useLanguage } from "@/lib/i18n/context";
import type { Band, Column } from "@/lib/pluginTypes";
import { reader, type Unusual } from "@/lib/unusual";
import { sampledPlaces, summaryOf } from "./summary";

const ROWS = 10;
const RENEWED_MS = 30_000; // what changes every second cannot be read, and costs more to change than the line to draw

interface Props {
  /** Of the element that says the line in words. */
  wordsId: string;
  name: string;
  metric: string;
  times: number[];
  values: Column;
  compared: Column | null;
  limit: number | null;
  band: Band | null;
  unusual: Unusual;
}

/** The line for those who do not see it: in words, then some moments of the past in figures, and what is expected. */
export const InWords = memo(function InWords(props: Props) {
  return <><Words {...props} /><SampleTable {...props} /></>;
}, isStillReadable);

function Words({ wordsId, metric, values, limit, unusual }: Props) {
  const { t, format } = useLanguage();
  const show = (value: number | null | undefined) => format.metric(metric, value);
  const summary = summaryOf(values);
  const usual = unusual.band.at(-1);
  return (
    <p id={wordsId} className="visually-hidden">
      {t("chart.words", { last: show(summary.last), low: show(summary.low), high: show(summary.high), mean: show(summary.mean) })}
      {limit !== null && ` ${t("chart.limit")} ${show(limit)}.`}
      {usual && ` ${t("chart.usual", { low: show(usual[2]), high: show(usual[3]) })}`}
      {unusual.episodes.length > 0 && ` ${t("chart.unusual", { n: unusual.episodes.length })}`} {t("chart.keys")}
    </p>
  );
}

function SampleTable({ name, metric, times, values, compared, band, unusual }: Props) {
  const { t, format } = useLanguage();
  const show = (value: number | null | undefined) => format.metric(metric, value);
  const expectedAt = reader(unusual.band, unusual.stepSeconds);
  const usual = (place: number) => {
    const point = expectedAt(times[place] ?? NaN);
    return point ? t("chart.between", { low: show(point[2]), high: show(point[3]) }) : "";
  };
  const among = (place: number) => (unusual.places.includes(place) ? ` (${t("mark.unusual")})` : "");
  const withUsual = unusual.band.length > 0;
  return (
    <table className="visually-hidden">
      <caption>{name}</caption>
      <thead>
        <tr>
          <th scope="col">{t("chart.time")}</th><th scope="col">{name}</th>
          {compared && <th scope="col">{t("plugin.compare.then")}</th>}
          {withUsual && <th scope="col">{t("chart.usually")}</th>}
        </tr>
      </thead>
      <tbody>
        {sampledPlaces(values.length, ROWS).map((place) => (
          <tr key={place}>
            <th scope="row">{format.time(new Date((times[place] ?? 0) * 1000).toISOString())}</th>
            <td>{show(values[place])}{among(place)}</td>
            {compared && <td>{show(compared[place])}</td>}
            {withUsual && <td>{usual(place)}</td>}
          </tr>
        ))}
        {band?.points.slice(-1).map(([at, expected, low, high]) => (
          <tr key={at}>
            <th scope="row">{format.time(at)}</th>
            <td>{t("chart.expected", { expected: show(expected), low: show(low), high: show(high) })}</td>
            {compared && <td />}
            {withUsual && <td />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Figures that went on by a few seconds are no reason to renew it; others are. */
function isStillReadable(before: Props, after: Props): boolean {
  const moved = Math.abs((after.times.at(-1) ?? 0) - (before.times.at(-1) ?? 0)) * 1000;
  const sameStep = step(before.times) === step(after.times) && before.times.length === after.times.length;
  return sameStep && moved < RENEWED_MS && before.name === after.name && before.limit === after.limit && before.band === after.band
    && before.unusual.band === after.unusual.band && before.unusual.episodes.length === after.unusual.episodes.length && (before.compared === null) === (after.compared === null);
}

function step(times: number[]): number {
  return (times[1] ?? 0) - (times[0] ?? 0);
}
