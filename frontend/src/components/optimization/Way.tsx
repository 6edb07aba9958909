"use client";

import type { MouseEvent, ReactNode } from "react";
import { go } from "@/lib/urlState";

interface Props {
  to: string;
  children: ReactNode;
  /** What is done instead of going to the address, at a plain click. */
  onGo?: () => void;
  testId?: string;
}

/** A link within the dashboard: a plain click stays in the page, any other is the browser's. */
export function Way({ to, children, onGo = () => go(to), testId }: Props) {
  const press = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onGo();
  };
  return <a className="way" href={to} onClick={press} data-testid={testId}>{children}</a>;
}
