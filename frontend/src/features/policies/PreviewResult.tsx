"use client";

import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import type { Difference, PreviewLine, PreviewResult as Result, PreviewTotals } from "@/lib/policyTypes";

const SHOWN_AT_MOST = 12;
type Figure = { key: MessageKey; of: (totals: PreviewTotals) => number | null; metric?: string };

const FIGURES: readonly Figure[] = [
  { key: "preview.suggestions", of: (totals) => totals.suggestions },
  { key: "preview.executed", of: (totals) => totals.executed },
  { key: "preview.kept", of: (totals) => totals.kept },
  { key: "preview.undone", of: (totals) => totals.undone },
  { key: "preview.minutes", of: (totals) => (totals.executed === 0 ? 0 : totals.slow_minutes_avoided) },
  { key: "preview.workerHours", of: (totals) => totals.worker_hours_added },
  { key: "preview.memory", of: (totals) => totals.memory_added_bytes_at_end, metric: "bytes" },
];

/** Both policies over the same past, figure by figure, then what would have been otherwise, then how far to trust it. */
export function PreviewResult({ result }: { result: Result }) {
  const { t, format } = useLanguage();
  const differing = result.suggestions.filter((row) => row.difference !== "same");
  return (
    <div className="preview-result" data-testid="preview-result">
      <p role="status"><strong>{sentence(result, t, format.number)}</strong></p>
      <div className="table-scroll">
        <table className="preview-table">
          <caption className="visually-hidden">{t("preview.title")}</caption>
          <thead><tr><th scope="col">{t("preview.figure")}</th><th scope="col" className="number">{t("preview.present")}</th><th scope="col" className="number">{t("preview.proposed")}</th></tr></thead>
          <tbody>
            {FIGURES.map(({ key, of, metric = "" }) => {
              const [before, after] = [of(result.present), of(result.proposed)];
              const show = (value: number | null) => (metric ? format.metric(metric, value) : format.number(value, 3));
              return (
                <tr key={key} className={before === after ? undefined : "is-changed"} data-testid={key}>
                  <th scope="row">{t(key)}</th><td className="number">{show(before)}</td><td className="number">{show(after)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {differing.length > 0 && (
        <ol className="preview-lines">
          {differing.slice(0, SHOWN_AT_MOST).map((row, index) => {
            const line = row.proposed ?? row.present;
            return line && <Line key={index} line={line} difference={row.difference} />;
          })}
        </ol>
      )}
      {result.different > SHOWN_AT_MOST && <p className="muted small">{t("more", { n: result.different - SHOWN_AT_MOST })}</p>}
      <ul className="preview-notes muted small">
        {result.notes.map((note) => <li key={note.code + note.text}>{note.text}</li>)}
        <li>{t("preview.limits")}</li>
      </ul>
    </div>
  );
}

function sentence(result: Result, t: ReturnType<typeof useLanguage>["t"], number: (value: number) => string): string {
  if (result.different === 0) return t("preview.same");
  const executed = result.proposed.executed - result.present.executed;
  const minutes = (result.proposed.slow_minutes_avoided ?? 0) - (result.present.slow_minutes_avoided ?? 0);
  const parts = [t("preview.different", { n: result.different })];
  if (executed !== 0) parts.push(t(executed > 0 ? "preview.moreExecuted" : "preview.fewerExecuted", { n: Math.abs(executed) }));
  if (Math.round(minutes) !== 0) parts.push(t(minutes > 0 ? "preview.minutesSaved" : "preview.minutesLost", { n: number(Math.abs(Math.round(minutes))) }));
  return parts.join(" ");
}

function Line({ line, difference }: { line: PreviewLine; difference: Difference }) {
  const { t, format } = useLanguage();
  const p95 = line.estimate?.p95_seconds;
  return (
    <li>
      <span className={`preview-difference preview-${difference}`}>{t(`preview.difference.${difference}`)}</span>
      <span>
        <strong>{line.plugin_id}</strong> {line.description} <span className="muted small"><When at={line.would_be_done?.at ?? line.opened_at} /></span>
        {p95 && <span className="muted small"> · {t("preview.p95", { before: format.metric("seconds", p95.recorded), after: format.metric("seconds", p95.replayed) })}</span>}
        {line.held_last && <span className="muted small"> · {t("preview.held", { reason: line.held_last.text })}</span>}
      </span>
    </li>
  );
}
