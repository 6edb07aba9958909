"use client";

import { memo } from "react";
import { useLanguage } from "@/lib/i18n/context";
import type { Band, Column } from "@/lib/pluginTypes";
import { reader, type Unusual } from "@/lib/unusual";
import { sampledPlaces } from "./summary";

const ROWS = 10;
const RENEWED_MS = 30_000; // a table that changes every second cannot be read

interface Props {
  name: string;
  metric: string;
  times: number[];
  values: Column;
  compared: Column | null;
  band: Band | null;
  unusual: Unusual;
}

/** The line in figures, for those who do not see it: some moments of the past, and what is expected. */
export const SampleTable = memo(function SampleTable({ name, metric, times, values, compared, band, unusual }: Props) {
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
}, isStillReadable);

/** Figures that went on by a few seconds are no reason to renew it; others are. */
function isStillReadable(before: Props, after: Props): boolean {
  const moved = Math.abs((after.times.at(-1) ?? 0) - (before.times.at(-1) ?? 0)) * 1000;
  const sameStep = step(before.times) === step(after.times) && before.times.length === after.times.length;
  return sameStep && moved < RENEWED_MS && before.name === after.name && before.band === after.band && before.unusual.band === after.unusual.band && (before.compared === null) === (after.compared === null);
}

function step(times: number[]): number {
  return (times[1] ?? 0) - (times[0] ?? 0);
}
