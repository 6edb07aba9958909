"use client";

import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/Button";
import { Icon } from "@/components/ui/Icon";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { Rehearsal, RehearsalCheck } from "@/lib/rehearsalTypes";

/** What was looked at, what stands in the way, and what would be done, step by step. */
export default function RehearsalReport({ found, onClose }: { found: Rehearsal; onClose: () => void }) {
  const { t } = useLanguage();
  const words = useRef<HTMLParagraphElement>(null);
  useEffect(() => words.current?.focus(), [found]);
  const refused = found.checks.filter((check) => !check.ok);
  const passed = found.checks.filter((check) => check.ok);
  return (
    <section className="rehearsal" aria-label={t("rehearsal.title")} data-testid={`rehearsal-${found.suggestion_id}`} data-passes={found.would_execute}>
      <div className="rehearsal-head">
        <p ref={words} tabIndex={-1} role="status" className={`mark tone-${found.would_execute ? "ok" : "warning"}`}>
          <Icon name={found.would_execute ? "ok" : "warning"} /> {found.message}
        </p>
        <Button kind="quiet" icon="close" aria-label={t("dialog.close")} onClick={onClose} />
      </div>
      {refused.length > 0 && <Checks checks={refused} title={t("rehearsal.inTheWay")} />}
      <Course found={found} />
      <details className="more">
        <summary>{t("rehearsal.looked", { n: passed.length })}</summary>
        <Checks checks={passed} title="" />
      </details>
      <p className="muted small">{found.not_known.text} <When at={found.checked_at} only="relative" /></p>
    </section>
  );
}

function Checks({ checks, title }: { checks: RehearsalCheck[]; title: string }) {
  return (
    <div>
      {title && <h4>{title}</h4>}
      <ul className="plain-list checks">
        {checks.map(({ code, ok, text, why }) => (
          <li key={code} data-check={code} className={`tone-${ok ? "ok" : "warning"}`}>
            <Icon name={ok ? "check" : "warning"} size={15} /> <span>{why?.text ?? text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Course({ found }: { found: Rehearsal }) {
  const { t } = useLanguage();
  if (found.course.length === 0) return null;
  return (
    <div>
      <h4>{t(found.would_execute ? "rehearsal.would" : "rehearsal.wouldHave")}</h4>
      <ol className="course">{found.course.map((step) => <li key={step.code}>{step.text}</li>)}</ol>
    </div>
  );
}
