"use client";

import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { Notice } from "@/components/ui/Notice";
import { ChangeDiff } from "@/components/optimization/ChangeDiff";
import { Effect } from "@/components/optimization/Effect";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import { sentence } from "@/lib/sentence";
import type { Suggestion } from "@/lib/types";

const TAKES_EFFECT: Record<string, MessageKey | undefined> = { reload: "confirm.reload", restart: "confirm.restart" };

interface Props {
  suggestion: Suggestion;
  /** What the reader agreed to before it changed; null where this is the first time we ask. */
  earlier: Suggestion | null;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Says what will happen, how it is judged, and that what does not help is undone by itself. */
export default function ConfirmExecute({ suggestion, earlier, onConfirm, onCancel }: Props) {
  const { t } = useLanguage();
  const { change, prediction, judged_by: judgedBy } = suggestion.details;
  const lasting = change?.reversibility === "irreversible" || change?.reversibility === "lossy";
  return (
    <Dialog
      title={t("confirm.title", { plugin: suggestion.plugin_id })} onClose={onCancel}
      actions={<>
        <Button data-autofocus data-testid="cancel-execute" onClick={onCancel}>{t("dialog.cancel")}</Button>
        <Button kind={lasting ? "danger" : "primary"} icon="play" data-testid="confirm-execute" onClick={onConfirm}>{t("execute.action")}</Button>
      </>}
    >
      {earlier && (
        <Notice tone="warning" urgent title={t("confirm.changed")} testId="changed-suggestion">
          <p>{t("confirm.earlier")} {earlier.description}</p>
          {earlier.details.change && <ChangeDiff change={earlier.details.change} compact />}
        </Notice>
      )}
      <p>{suggestion.description}</p>
      {change && <ChangeDiff change={change} />}
      {prediction && <Effect prediction={prediction} />}
      <ul className="confirm-list">
        <li>{t(TAKES_EFFECT[change?.disruption ?? ""] ?? "confirm.live")}</li>
        <li>{judgedBy ? sentence(judgedBy.text) : t("confirm.judged")}</li>
        <li>{t(lasting ? "confirm.lasting" : "confirm.undone")}</li>
      </ul>
    </Dialog>
  );
}
