import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "primary" | "secondary" | "quiet" | "danger";
  icon?: IconName;
  busy?: boolean;
}

export function Button({ kind = "secondary", icon, busy = false, children, className = "", disabled, ...rest }: Props) {
  return (
    <button
      type="button" {...rest} disabled={disabled || busy} aria-busy={busy || undefined}
      className={`button button-${kind} ${className}`}
    >
      {icon && <Icon name={icon} size={15} />}
      {children}
    </button>
  );
}
