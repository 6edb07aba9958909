import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

interface Props {
  tone: "critical" | "warning" | "neutral" | "ok";
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** An alert interrupts a screen reader; the others wait. */
  urgent?: boolean;
  testId?: string;
}

const ICONS: Record<Props["tone"], IconName> = { critical: "alert", warning: "warning", neutral: "clock", ok: "ok" };

export function Notice({ tone, title, children, action, urgent = false, testId }: Props) {
  return (
    <div className={`notice notice-${tone}`} role={urgent ? "alert" : "status"} data-testid={testId}>
      <Icon name={ICONS[tone]} size={20} />
      <div className="notice-text">
        <p className="notice-title">{title}</p>
        {children}
      </div>
      {action && <div className="notice-action">{action}</div>}
    </div>
  );
}
