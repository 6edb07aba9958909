"use client";

import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { errorText } from "@/components/optimization/ErrorNotice";
import { api, ApiError } from "@/lib/api";
import { needsDialog } from "@/lib/consent";
import { useExecute } from "@/lib/deeds";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import type { Suggestion } from "@/lib/types";

const loadConfirm = () => import("./ConfirmExecute");
const ConfirmExecute = lazy(loadConfirm);

interface Props {
  suggestion: Suggestion;
  onShowExecution: (id: string) => void;
  outdated: boolean;
}

/** The button that carries the suggestion out; where it cannot be pressed, it says why. */
export function ExecuteButton({ suggestion, onShowExecution, outdated }: Props) {
  const { t } = useLanguage();
  const { question, press, close, confirm, pending, error } = useQuestion(suggestion);
  const whyNot = useWhyNot(suggestion, outdated);
  const { execution_id: executionId } = suggestion;
  if (suggestion.state === "claimed" && executionId) {
    return <Button kind="secondary" icon="clock" onClick={() => onShowExecution(executionId)}>{t("execute.running")}</Button>;
  }
  const told = whyNot ?? (needsDialog(suggestion) ? t("execute.asks") : t("execute.atOnce"));
  return (
    <div className="execute">
      <Button
        kind="primary" icon="play" data-testid={`execute-${suggestion.id}`} disabled={whyNot !== null} busy={pending}
        aria-describedby={`why-${suggestion.id}`} onClick={press}
        onPointerEnter={() => void loadConfirm()} onFocus={() => void loadConfirm()}
      >
        {t("execute.action")}
      </Button>
      <p id={`why-${suggestion.id}`} className="why-not">{told}</p>
      {error && <p className="field-error" role="alert" data-testid={`refused-${suggestion.id}`}>{errorText(t, error)}</p>}
      {question && (
        <Suspense fallback={null}>
          <ConfirmExecute key={question.now.revision} suggestion={question.now} earlier={question.earlier} onCancel={close} onConfirm={confirm} />
        </Suspense>
      )}
    </div>
  );
}

interface Question {
  /** The suggestion as it was when it was put to the reader: what is executed is what was read. */
  now: Suggestion;
  /** What the reader had agreed to before it changed. */
  earlier: Suggestion | null;
}

/** Execute what was read, asking first where that is due; where it has changed meanwhile, show the change and ask. */
function useQuestion(suggestion: Suggestion) {
  const [question, setQuestion] = useState<Question | null>(null);
  const { execute, pending, error, reset } = useExecute(suggestion.id);
  const carryOut = async (read: Suggestion) => {
    setQuestion(null);
    const failure = await execute(read.revision);
    if (!(failure instanceof ApiError) || failure.status !== 412) return;
    const now = await api.suggestion(read.id).catch(() => null);
    if (!now?.executable) return; // the card says why
    reset();
    setQuestion({ now, earlier: read });
  };
  const press = () => {
    reset();
    if (needsDialog(suggestion)) setQuestion({ now: suggestion, earlier: null });
    else void carryOut(suggestion);
  };
  return { question, press, close: () => setQuestion(null), confirm: () => void (question && carryOut(question.now)), pending, error };
}

function useWhyNot(suggestion: Suggestion, outdated: boolean): string | null {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  if (!suggestion.executable) return suggestion.why_not_executable ?? "";
  return outdated ? t("execute.outdated") : whyNot;
}
