"use client";

import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { errorText } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { useExecute } from "@/lib/queries";
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
  const [asking, setAsking] = useState(false);
  const { execute, pending, error, reset } = useExecute(suggestion);
  const whyNot = useWhyNot(suggestion, outdated);
  const { execution_id: executionId } = suggestion;
  if (suggestion.state === "claimed" && executionId) {
    return <Button kind="secondary" icon="clock" onClick={() => onShowExecution(executionId)}>{t("execute.running")}</Button>;
  }
  const ask = () => {
    reset();
    setAsking(true);
  };
  return (
    <div className="execute">
      <Button
        kind="primary" icon="play" data-testid={`execute-${suggestion.id}`} disabled={whyNot !== null} busy={pending}
        aria-describedby={whyNot ? `why-${suggestion.id}` : undefined} onClick={ask}
        onPointerEnter={() => void loadConfirm()} onFocus={() => void loadConfirm()}
      >
        {t("execute.action")}
      </Button>
      {whyNot && <p id={`why-${suggestion.id}`} className="why-not">{whyNot}</p>}
      {error && <p className="field-error" role="alert">{errorText(t, error)}</p>}
      {asking && (
        <Suspense fallback={null}>
          <ConfirmExecute
            suggestion={suggestion} onCancel={() => setAsking(false)}
            onConfirm={() => { setAsking(false); void execute(); }}
          />
        </Suspense>
      )}
    </div>
  );
}

function useWhyNot(suggestion: Suggestion, outdated: boolean): string | null {
  const { t } = useLanguage();
  const { whyNot } = usePermission();
  if (!suggestion.executable) return suggestion.why_not_executable ?? "";
  return outdated ? t("execute.outdated") : whyNot;
}
