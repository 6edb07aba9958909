"use client";

import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import { useCurves } from "@/lib/pluginQueries";
import type { CacheCurve, CacheServerCurve, Curves, WorkerCurve } from "@/lib/pluginTypes";
import { WhatIfCurve } from "./WhatIfCurve";

/** What another number of workers and other sizes of caches would give, whether or not anything is suggested. */
export function WhatIf({ id }: { id: string }) {
  const { t } = useLanguage();
  const curves = useCurves(id);
  const { data } = curves;
  return (
    <section className="card" aria-labelledby="whatif-title" data-testid="what-if">
      <h2 id="whatif-title">{t("whatif.title")}</h2>
      {curves.failed && <ErrorNotice error={curves.error} onRetry={curves.askAgain} />}
      {curves.waiting && <Skeleton lines={6} label={t("whatif.computing")} />}
      {data && (
        <div className={curves.failed ? "whatif is-old" : "whatif"}>
          {data.cache_server || data.cache_server_why_not ? <Room found={data} /> : <Served found={data} />}
        </div>
      )}
      {data && <p className="muted small">{t("whatif.computed")} <When at={data.computed_at} only="relative" /></p>}
    </section>
  );
}

/** Of a plugin that serves requests. */
function Served({ found }: { found: Curves }) {
  const { t } = useLanguage();
  return (
    <>
      <div>
        <h3>{t("whatif.workers")}</h3>
        {found.workers ? <Workers curve={found.workers} /> : <p className="muted" data-testid="workers-why-not">{found.workers_why_not?.text}</p>}
      </div>
      {found.caches.map((cache) => <div key={cache.cache}><h3>{t("whatif.cache", { name: cache.cache })}</h3><Cache curve={cache} /></div>)}
      {found.caches_why_not && <div><h3>{t("whatif.caches")}</h3><p className="muted" data-testid="caches-why-not">{found.caches_why_not.text}</p></div>}
    </>
  );
}

/** Of a plugin that is itself a cache. */
function Room({ found: { cache_server: curve, cache_server_why_not: whyNot } }: { found: Curves }) {
  const { t } = useLanguage();
  return (
    <div>
      <h3>{t("whatif.room")}</h3>
      {curve ? <RoomCurve curve={curve} /> : <p className="muted" data-testid="room-why-not">{whyNot?.text}</p>}
    </div>
  );
}

function RoomCurve({ curve }: { curve: CacheServerCurve }) {
  const { t, format } = useLanguage();
  const bytes = (value: number) => format.metric("bytes", value);
  const { present_bytes: present, enough_bytes: enough } = curve;
  return (
    <>
      <WhatIfCurve
        testId="room-curve" xName={t("metric.size_bytes")} yName={t("metric.hit_ratio")}
        points={curve.points.map((point) => ({ x: point.size_bytes, y: point.hit_ratio, low: point.low, high: point.high }))}
        present={present} suggested={curve.suggested_bytes} enough={enough} limit={null} most={1} showX={bytes} showY={(y) => format.share(y, 1)}
      />
      <p>
        {enough > present ? t("whatif.room.enough", { bytes: bytes(enough) }) : t("whatif.room.fits")}
        {curve.most_bytes !== null && ` ${t("whatif.room.most", { bytes: bytes(curve.most_bytes) })}`}
      </p>
      <p className="muted small">
        {t("whatif.room.basis", { n: curve.sampled_keys, count: format.number(curve.sampled_keys, 7), span: format.duration(curve.recorded_seconds), error: format.share(curve.error_ratio, 1) })}
      </p>
    </>
  );
}

function Workers({ curve }: { curve: WorkerCurve }) {
  const { t, format } = useLanguage();
  return (
    <>
      <WhatIfCurve
        testId="worker-curve" xName={t("metric.workers")} yName={t("metric.p95_seconds")}
        points={curve.points.map((point) => ({ x: point.workers, y: point.p95_seconds, low: point.low_seconds, high: point.high_seconds }))}
        present={curve.present} suggested={curve.suggested} enough={curve.enough} limit={curve.slo_seconds} most={Infinity} showX={(x) => format.number(x)} showY={(y) => format.metric("seconds", y)}
      />
      <p>
        {curve.enough === null
          ? t("whatif.workers.never", { slo: format.metric("seconds", curve.slo_seconds) })
          : t("whatif.workers.enough", { n: curve.enough, slo: format.metric("seconds", curve.slo_seconds), load: format.share(curve.planned_load_ratio) })}
      </p>
      <p className="muted small">
        {t("whatif.workers.basis", { n: curve.requests, count: format.number(curve.requests, 7), span: format.duration(curve.span_seconds), error: format.share(curve.error_ratio, 1), most: curve.most })}
      </p>
    </>
  );
}

function Cache({ curve }: { curve: CacheCurve }) {
  const { t, format } = useLanguage();
  const memory = curve.entry_bytes === null ? null : curve.entry_bytes * curve.enough * curve.processes;
  return (
    <>
      <WhatIfCurve
        testId={`cache-curve-${curve.cache}`} xName={t("metric.size_entries")} yName={t("metric.hit_ratio")}
        points={curve.points.map((point) => ({ x: point.size_entries, y: point.hit_ratio, low: point.low, high: point.high }))}
        present={curve.present} suggested={curve.suggested} enough={curve.enough} limit={null} most={1} showX={(x) => format.number(x, 4)} showY={(y) => format.share(y, 1)}
      />
      <p>
        {t("whatif.cache.enough", { n: curve.enough })}
        {memory !== null && ` ${t("whatif.cache.memory", { bytes: format.metric("bytes", memory) })}`}
      </p>
      <p className="muted small">
        {t("whatif.cache.basis", { n: curve.accesses, count: format.number(curve.accesses, 7), keys: format.number(curve.distinct_keys, 7), processes: curve.processes, observed: format.share(curve.observed_hit_ratio, 1), model: format.share(curve.model_hit_ratio, 1) })}
      </p>
    </>
  );
}
