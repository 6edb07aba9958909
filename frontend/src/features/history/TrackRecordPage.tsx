"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import type { HistorySearch } from "@/lib/historySearch";
import { useLanguage } from "@/lib/i18n/context";
import { useTrackRecord } from "@/lib/trackRecordQueries";
import type { KindTally, TrackRecord } from "@/lib/trackRecordTypes";
import { CalibrationTable } from "./CalibrationTable";

/** What all changes say together: how they turned out, what they spared, and how well they were foretold. */
export default function TrackRecordPage({ plugin, search }: { plugin: string | null; search: HistorySearch }) {
  const { t } = useLanguage();
  const record = useTrackRecord(plugin, search);
  return (
    <div className="record" data-testid="track-record">
      {record.failed && <ErrorNotice error={record.error} onRetry={() => void record.askAgain()} />}
      {record.waiting && <div className="card"><Skeleton lines={6} label={t("loading")} /></div>}
      {record.data && <Turned record={record.data} />}
      <CalibrationTable plugin={plugin} />
    </div>
  );
}

function Turned({ record }: { record: TrackRecord }) {
  const { t, format } = useLanguage();
  const { total, time_spared: spared, since } = record;
  return (
    <section className="card" aria-labelledby="record-title">
      <h2 id="record-title">{t("record.turned")}</h2>
      <dl className="record-numbers">
        {(["kept", "undone", "failed", "under_way"] as const).map((name) => (
          <div key={name}><dt>{t(`record.${name}`)}</dt><dd data-testid={`record-${name}`}>{format.number(total[name], 6)}</dd></div>
        ))}
        <div>
          <dt>{t(spared.seconds < 0 ? "record.lost" : "record.spared")}</dt>
          <dd data-testid="record-spared">{spared.executions > 0 ? format.duration(Math.abs(spared.seconds)) : t("record.notKnown")}</dd>
        </div>
      </dl>
      <p className="muted small">{spared.how.text} {t("record.notCounted", { n: spared.not_counted })}</p>
      {record.kinds.length > 0 ? <Kinds kinds={record.kinds} /> : <p className="muted">{t("record.none")}</p>}
      {since && <p className="muted small">{t(record.all ? "record.sinceAll" : "record.sinceLatest")} <When at={since} /></p>}
    </section>
  );
}

const COLUMNS = ["executions", "kept", "undone", "failed", "without_effect"] as const;

function Kinds({ kinds }: { kinds: KindTally[] }) {
  const { t, format } = useLanguage();
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label={t("record.turned")}>
      <table className="table record-table stacks">
        <thead><tr><th scope="col">{t("record.kind")}</th>{COLUMNS.map((name) => <th key={name} scope="col" className="number">{t(`record.${name}`)}</th>)}<th scope="col">{t("record.verdicts")}</th></tr></thead>
        <tbody>
          {kinds.map((kind) => (
            <tr key={kind.suggestion_type}>
              <th scope="row">{kind.suggestion_type_text}</th>
              {COLUMNS.map((name) => <td key={name} className="number" data-label={t(`record.${name}`)}>{format.number(kind[name], 6)}</td>)}
              <td data-label={t("record.verdicts")}>{(["better", "same", "worse", "inconclusive"] as const).filter((outcome) => kind.verdicts[outcome]).map((outcome) => t(`record.outcome.${outcome}`, { number: kind.verdicts[outcome] ?? 0 })).join(" · ") || "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
