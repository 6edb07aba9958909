"use client";

import { Icon, type IconName } from "@/components/ui/Icon";
import { useLanguage } from "@/lib/i18n/context";
import { shownSteps, type ShownStep } from "@/lib/steps";
import type { ExecutionState, ExecutionStep } from "@/lib/types";

const ICONS: Partial<Record<ShownStep["status"], IconName>> = { done: "check", good: "check", undone: "undo", bad: "alert" };

/** The state the server reports, as named steps; nothing here runs on a timer. */
export function Stepper({ state, steps }: { state: ExecutionState; steps: readonly ExecutionStep[] }) {
  const { t, format } = useLanguage();
  return (
    <ol className="steps">
      {shownSteps(state, steps).map((step) => {
        const icon = ICONS[step.status];
        return (
          <li key={step.name} className={`step step-${step.status}`} aria-current={step.status === "current" ? "step" : undefined}>
            <span className="step-dot">{icon && <Icon name={icon} size={11} />}</span>
            <span className="step-name">{t(`step.${step.name}`)}</span>
            {step.at
              ? <time className="step-time" dateTime={step.at} title={step.text || undefined}>{format.clock(step.at)}</time>
              : <span className="step-time" aria-hidden="true">{"\u00a0"}</span>}
          </li>
        );
      })}
    </ol>
  );
}
