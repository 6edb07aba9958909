"use client";

import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import type { Answer } from "@/lib/query/useAnswer";
import { PARTS, type Anatomy, type Parts, type RouteTime } from "@/lib/pluginTypes";

/** Where requests spend their time: waiting for a worker, waiting for a core, computing, waiting for something else. */
export function TimeSpent({ anatomy }: { anatomy: Answer<Anatomy> }) {
  const { t } = useLanguage();
  return (
    <section className="card" aria-labelledby="spent-title" data-testid="time-spent">
      <h2 id="spent-title">{t("spent.title")}</h2>
      {anatomy.failed && <ErrorNotice error={anatomy.error} onRetry={anatomy.askAgain} />}
      {anatomy.waiting && <Skeleton lines={3} label={t("loading")} />}
      {anatomy.data && <div className={anatomy.failed ? "is-old" : undefined}><Spent found={anatomy.data} /></div>}
    </section>
  );
}

function Spent({ found }: { found: Anatomy }) {
  const { t, format } = useLanguage();
  if (!found.parts) return <p className="muted" data-testid="spent-why-not">{found.why_not?.text}</p>;
  return (
    <div className="spent">
      {found.bottleneck && <p className="spent-verdict">{found.bottleneck.text}</p>}
      <PartsBar parts={found.parts} label={t("spent.bar")} />
      <dl className="spent-parts">
        {PARTS.map((part) => (
          <div key={part}>
            <dt><span className={`swatch part-${part}`} aria-hidden="true" />{t(`spent.${part}`)}</dt>
            <dd>{format.share(found.parts?.[part], 1)}</dd>
          </div>
        ))}
      </dl>
      <p className="muted small">
        {t("spent.basis", { n: found.requests, count: format.number(found.requests, 7), span: format.duration(found.span_seconds), wait: format.metric("seconds", found.mean_queue_seconds) })}
      </p>
      {found.routes.length > 0 && <Routes routes={found.routes} />}
    </div>
  );
}

function Routes({ routes }: { routes: RouteTime[] }) {
  const { t, format } = useLanguage();
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t("spent.routes")}>
      <table className="figures stacks">
        <caption>{t("spent.routes")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("spent.route")}</th><th scope="col" className="number">{t("spent.share")}</th>
            <th scope="col" className="number">{t("spent.requests")}</th><th scope="col" className="number">{t("spent.p95")}</th><th scope="col">{t("spent.where")}</th>
          </tr>
        </thead>
        <tbody>
          {routes.map((route) => (
            <tr key={route.route}>
              <th scope="row"><code>{route.route}</code></th>
              <td className="number" data-label={t("spent.share")}>{format.share(route.time_ratio, 1)}</td>
              <td className="number" data-label={t("spent.requests")}>{format.number(route.requests, 6)}</td>
              <td className="number" data-label={t("spent.p95")}>{format.metric("seconds", route.p95_seconds)}</td>
              <td data-label={t("spent.where")}><PartsBar parts={route.parts} label={wordsOf(route.parts, (part) => t(`spent.${part}`), format.share)} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function wordsOf(parts: Parts, nameOf: (part: (typeof PARTS)[number]) => string, share: (ratio: number) => string): string {
  return PARTS.map((part) => `${nameOf(part)} ${share(parts[part])}`).join(", ");
}

function PartsBar({ parts, label }: { parts: Parts; label: string }) {
  return (
    <div className="parts-bar" role="img" aria-label={label}>
      {PARTS.map((part) => (parts[part] > 0 ? <span key={part} className={`part-${part}`} style={{ flexGrow: parts[part] }} /> : null))}
    </div>
  );
}
