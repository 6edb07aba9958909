"use client";

import { useEffect, useState, type KeyboardEvent, type RefObject } from "react";

const PAGE_LINES = 10;

/**
 * One stop for the Tab key in a long list: arrows, Page Up and Down, Home and End move inside it, also to lines that are
 * not drawn yet. `active` is the line that has the stop.
 */
export function useRoving(body: RefObject<HTMLElement | null>, count: number) {
  const [aim, setAim] = useState({ line: 0, focus: false });
  const active = Math.min(aim.line, Math.max(0, count - 1));

  useEffect(() => {
    if (!aim.focus) return;
    const line = body.current?.querySelector<HTMLElement>(`[data-line="${aim.line}"]`);
    line?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    line?.scrollIntoView({ block: "nearest" });
  }, [body, aim]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const from = (event.target as HTMLElement).closest<HTMLElement>("[data-line]");
    if (!from || event.altKey || event.ctrlKey || event.metaKey) return;
    const line = nextLine(event.key, Number(from.dataset.line), count);
    if (line === null) return;
    event.preventDefault();
    setAim({ line, focus: true });
  };
  return { active, onKeyDown };
}

export function nextLine(key: string, line: number, count: number): number | null {
  const within = (wanted: number) => Math.min(count - 1, Math.max(0, wanted));
  switch (key) {
    case "ArrowDown": return within(line + 1);
    case "ArrowUp": return within(line - 1);
    case "PageDown": return within(line + PAGE_LINES);
    case "PageUp": return within(line - PAGE_LINES);
    case "Home": return 0;
    case "End": return within(count - 1);
    default: return null;
  }
}
