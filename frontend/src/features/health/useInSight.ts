"use client";

import { useEffect, useRef, type RefObject } from "react";

const SETTLING_MS = 5000;
const TAKEN_OVER_BY = ["wheel", "touchstart", "pointerdown", "keydown"];

/**
 * Bring a row into sight when it opens. One that the address opened stays at the top while what stands above it is
 * still loading, until the reader scrolls or types.
 */
export function useInSight(row: RefObject<HTMLElement | null>, open: boolean): void {
  const openedByAddress = useRef(open);
  useEffect(() => {
    const element = row.current;
    if (!open || !element) return;
    if (openedByAddress.current) return keepAtTop(element);
    const { top, bottom } = element.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) toTop(element);
  }, [row, open]);
}

function toTop(element: HTMLElement): void {
  element.scrollIntoView({ block: "start" });
}

function keepAtTop(element: HTMLElement): () => void {
  const observer = new ResizeObserver(() => toTop(element)); // its first call is for now
  const stop = () => observer.disconnect();
  observer.observe(document.body);
  for (const name of TAKEN_OVER_BY) window.addEventListener(name, stop, { once: true, passive: true });
  setTimeout(stop, SETTLING_MS);
  return stop;
}
