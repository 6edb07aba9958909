"use client";

import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { useNoProblem, useProblemAfterAll } from "@/lib/pluginDeeds";
import type { Feedback, UnusualOnset } from "@/lib/pluginTypes";
import { errorText } from "./ErrorNotice";
import { When } from "./When";

interface Props {
  pluginId: string;
  unusual: UnusualOnset;
  feedback: Feedback | null;
  /** What is meant, for who hears of the button among many alike. */
  about: string;
}

/** One click says that something unusual was no problem; from then on it says who did, and takes that back. */
export function NoProblem({ pluginId, unusual, feedback, about }: Props) {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  const say = useNoProblem(pluginId);
  const undo = useProblemAfterAll();
  const failed = say.error ?? undo.error;
  return (
    <span className="small no-problem">
      {feedback
        ? (
          <>
            <span className="muted">{t("noProblem.said", { by: feedback.by })} <When at={feedback.at} /></span>{" "}
            <button
              type="button" className="link" disabled={Boolean(whyNot) || undo.isPending} title={whyNot ?? undefined}
              data-testid={`undo-no-problem-${feedback.id}`} onClick={() => undo.mutate(feedback.id)}
            >
              {t("noProblem.undo")}<span className="visually-hidden">: {about}</span>
            </button>
          </>
        )
        : (
          <button
            type="button" className="link" disabled={Boolean(whyNot) || say.isPending} title={whyNot ?? t("noProblem.help")}
            data-testid={`no-problem-${unusual.metric}-${unusual.kind}`} onClick={() => say.mutate(unusual)}
          >
            {t("noProblem.action")}<span className="visually-hidden">: {about}</span>
          </button>
        )}
      {failed && <span className="field-error" role="alert"> {errorText(t, failed)}</span>}
    </span>
  );
}
