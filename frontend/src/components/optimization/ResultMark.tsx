"use client";

import { Icon, type IconName } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import { isFinal } from "@/lib/final";
import { troubleOf, type TroubleState } from "@/lib/trouble";
import type { Execution } from "@/lib/types";

type Tone = "ok" | "warning" | "critical" | "accent" | "unknown";

/** How an execution stands, in a word. A change that was kept without proof is not called a success. */
export function ResultMark({ execution, testId }: { execution: Execution; testId?: string }) {
  const { t } = useLanguage();
  const { tone, icon } = looks(execution);
  const trouble = troubleOf(execution);
  return (
    <span className={trouble ? `mark mark-trouble mark-${trouble} tone-${tone}` : `mark tone-${tone}`} data-testid={testId} data-state={execution.state}>
      <Icon name={icon} />
      {t(`state.${execution.state}`)}
    </span>
  );
}

const TROUBLES: Record<TroubleState, IconName> = {
  unknown: "unknown", partial: "partial", foreign: "person", gone: "off", needs_operator: "hand",
};

function looks({ state }: Execution): { tone: Tone; icon: IconName } {
  if (state === "succeeded") return { tone: "ok", icon: "ok" };
  if (state === "rolled_back") return { tone: "warning", icon: "undo" };
  if (state === "cancelled") return { tone: "unknown", icon: "close" };
  const trouble = troubleOf({ state });
  if (trouble) return { tone: trouble === "needs_operator" ? "critical" : "warning", icon: TROUBLES[trouble] };
  return isFinal(state) ? { tone: "critical", icon: "alert" } : { tone: "accent", icon: "clock" };
}
