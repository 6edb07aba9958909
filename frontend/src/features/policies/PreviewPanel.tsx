"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { Notice } from "@/components/ui/Notice";
import { errorText } from "@/components/optimization/ErrorNotice";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { useCancelPreview } from "@/lib/policyQueries";
import type { Preview } from "@/lib/policyTypes";
import { PreviewResult } from "./PreviewResult";
import type { PolicyEditor } from "./usePolicyEditor";
import { usePreviewOf } from "./usePreviewOf";

const DAYS = ["1", "3", "7", "14"] as const;

/** What the changed policy would have done in the last days, computed from what is on record, before it is saved. */
export function PreviewPanel({ target, editor }: { target: string; editor: PolicyEditor }) {
  const { t } = useLanguage();
  const [days, setDays] = useState<(typeof DAYS)[number]>("7");
  const { preview, elsewhere, outdated, start, starting, error } = usePreviewOf(target, editor.given);
  const nothing = Object.keys(editor.given).length === 0;
  const running = preview?.state === "running";
  const hindrance = Object.keys(editor.misfits).length > 0 ? t("preview.wrong") : nothing ? t("preview.nothing")
    : elsewhere ? t("preview.elsewhere", { name: elsewhere.actor }) : null;
  return (
    <section className="card preview" aria-labelledby="preview-title" data-testid="preview">
      <h3 id="preview-title" tabIndex={-1}>{t("preview.title")}</h3>
      <p className="muted small">{t("preview.lead")}</p>
      <div className="preview-ask">
        <Choice
          label={t("preview.days")} labelled="shown" value={days} onChange={setDays} testId="preview-days"
          options={DAYS.map((value) => ({ value, label: t("preview.lastDays", { n: Number(value) }) }))}
        />
        <Button
          icon="pulse" data-testid="preview-start" busy={starting} disabled={hindrance !== null || running}
          aria-describedby={hindrance ? "preview-why-not" : undefined} onClick={() => start(Number(days))}
        >
          {t("preview.start")}
        </Button>
        {hindrance && !running && <span id="preview-why-not" className="muted small">{hindrance}</span>}
      </div>
      {error !== null && error !== undefined && <p className="field-error" role="alert">{errorText(t, error)}</p>}
      {preview && <Shown preview={preview} outdated={outdated} />}
    </section>
  );
}

function Shown({ preview, outdated }: { preview: Preview; outdated: boolean }) {
  const { t } = useLanguage();
  if (preview.state === "running") {
    return (
      <>
        <Running preview={preview} />
        {preview.result && <div data-testid="preview-first"><p className="muted small">{t("preview.first")}</p><PreviewResult result={preview.result} /></div>}
      </>
    );
  }
  if (preview.state === "cancelled") return <p className="muted" role="status">{t("preview.cancelled")}</p>;
  if (preview.state === "failed" || !preview.result) {
    return (
      <Notice tone="warning" urgent title={preview.reason?.text ?? t("preview.failed")} testId="preview-failed">
        {preview.reason?.help && <p>{preview.reason.help}</p>}
      </Notice>
    );
  }
  return (
    <div className={outdated ? "is-old" : undefined}>
      {outdated && <p role="status" data-testid="preview-outdated"><strong>{t("preview.outdated")}</strong></p>}
      {preview.reason && <p><strong>{preview.reason.text}</strong></p>}
      <PreviewResult result={preview.result} />
      <p className="muted small">{t("preview.computed")} <When at={preview.at} only="relative" /></p>
    </div>
  );
}

function Running({ preview }: { preview: Preview }) {
  const { t, format } = useLanguage();
  const cancel = useCancelPreview();
  const { course } = preview;
  return (
    <div className="preview-running" data-testid="preview-running">
      <label className="preview-progress small">
        <span>{t("preview.running", { share: format.share(preview.progress) })}</span>
        <progress max={1} value={preview.progress} />
      </label>
      {course && (
        <span className="muted small" data-testid="preview-course">
          {t(`preview.course.${course.policy}`, { looks: course.looks, of: course.of_looks, found: course.suggestions })}
        </span>
      )}
      <Button data-testid="preview-cancel" busy={cancel.isPending} onClick={() => cancel.mutate(preview.id)}>{t("preview.cancel")}</Button>
    </div>
  );
}
