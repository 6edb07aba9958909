"use client";

import { useEffect, useState, type RefObject } from "react";
import { windowOf } from "./layout";

export const ROW_PX = 58; // until a row has been measured
const FIRST_LINES = 24;

/**
 * Say which lines of a long table are to be drawn. It looks once per frame of a scroll, and tells only where the window
 * moved by a whole step. Rows carry `data-line`; what a line has below it stands in a row with `data-below`.
 */
export function useWindow(body: RefObject<HTMLElement | null>) {
  const [shown, setShown] = useState({ from: 0, to: FIRST_LINES, row: ROW_PX });
  useEffect(() => {
    let frame = 0;
    const look = () => {
      frame = 0;
      const element = body.current;
      if (!element) return;
      const row = rowHeight(element) ?? ROW_PX;
      const { from, to } = windowOf(element.getBoundingClientRect().top, innerHeight, row, belowOf(element));
      setShown((old) => (old.from === from && old.to === to && Math.abs(old.row - row) < 0.5 ? old : { from, to, row }));
    };
    const soon = () => void (frame ||= requestAnimationFrame(look));
    const observer = new ResizeObserver(soon); // its first call is for now
    observer.observe(document.body);
    window.addEventListener("scroll", soon, { passive: true });
    window.addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      window.removeEventListener("scroll", soon);
      window.removeEventListener("resize", soon);
    };
  }, [body]);
  return shown;
}

function rowHeight(body: HTMLElement): number | null {
  const height = body.querySelector<HTMLElement>("[data-line]")?.getBoundingClientRect().height;
  return height ? height : null;
}

function belowOf(body: HTMLElement): { line: number; height: number } | null {
  const below = body.querySelector<HTMLElement>("[data-below]");
  return below ? { line: Number(below.dataset.below), height: below.getBoundingClientRect().height } : null;
}
