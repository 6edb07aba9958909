"use client";

import "@/styles/engine.css";
import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import DoctorAnswers from "@/components/optimization/DoctorAnswers";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { useHealth } from "@/lib/queries";
import type { ServerHealth } from "@/lib/healthTypes";
import { EngineFacts } from "./EngineFacts";
import { StopHistory } from "./StopHistory";

const QUESTIONS = ["no_suggestions", "execution_failed", "dashboard_empty"] as const;
const TONES = { ok: "ok", degraded: "critical", starting: "neutral" } as const;

/** Is the product itself well, and if not: what is wrong and what to do? */
export default function EnginePage() {
  const { t } = useLanguage();
  const health = useHealth();
  return (
    <>
      <section aria-labelledby="engine-title">
        <h1 className="visually-hidden">{t("app.title")}</h1>
        <h2 id="engine-title">{t("engine.title")}</h2>
        {health.failed && <ErrorNotice error={health.error} onRetry={health.askAgain} />}
        {health.waiting && <div className="card"><Skeleton lines={5} label={t("loading")} /></div>}
        {health.data && <div className={health.failed ? "is-old" : undefined}><Well health={health.data} /></div>}
      </section>
      <StopHistory />
      <section aria-labelledby="doctor-title">
        <h2 id="doctor-title">{t("engine.doctor")}</h2>
        <div className="engine-questions">
          {QUESTIONS.map((question) => (
            <div key={question} className="card">
              <h3>{t(`engine.question.${question}`)}</h3>
              <DoctorAnswers question={question} />
            </div>
          ))}
        </div>
      </section>
    </>
  );
}

function Well({ health }: { health: ServerHealth }) {
  const { t } = useLanguage();
  const wrong = health.checks?.filter((check) => !check.ok) ?? [];
  return (
    <>
      <Notice tone={TONES[health.status]} title={t(`engine.status.${health.status}`)} testId="engine-status">
        {wrong.length > 0 && (
          <ul className="doctor">
            {wrong.map((check) => <li key={check.code + check.text}><span>{check.text}</span>{check.help && <span className="muted">{check.help}</span>}</li>)}
          </ul>
        )}
      </Notice>
      <EngineFacts health={health} />
    </>
  );
}
