"use client";

import { useEffect, useRef, type RefObject } from "react";

const SETTLING_MS = 5000;
const TAKEN_OVER_BY = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

/**
 * Bring a row into sight when it opens. One that the address opened stays at the top while what stands above it is
 * still loading, until the reader scrolls or types.
 */
export function useInSight(row: RefObject<HTMLElement | null>, open: boolean): void {
  const openedByAddress = useRef(open);
  useEffect(() => {
    const element = row.current;
    if (!open || !element) return;
    if (openedByAddress.current) {
      openedByAddress.current = false;
      return keepAtTop(element);
    }
    if (isOutOfSight(element)) toTop(element);
  }, [row, open]);
}

function keepAtTop(element: HTMLElement): () => void {
  toTop(element);
  const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => toTop(element));
  observer?.observe(document.body);
  const stop = () => {
    observer?.disconnect();
    clearTimeout(settled);
    for (const name of TAKEN_OVER_BY) window.removeEventListener(name, stop);
  };
  const settled = setTimeout(stop, SETTLING_MS);
  for (const name of TAKEN_OVER_BY) window.addEventListener(name, stop, { passive: true });
  return stop;
}

function toTop(element: HTMLElement): void {
  element.scrollIntoView?.({ block: "start" });
}

function isOutOfSight(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top < 0 || bottom > window.innerHeight;
}
