"use client";

import { useEffect, useState, type RefObject } from "react";

const AHEAD = "120px"; // a chart is drawn a little before it is scrolled to

/** Whether an element is on the screen: what is not is not drawn. Where a browser cannot tell, it is. */
export function useVisible(element: RefObject<HTMLElement | null>): boolean {
  const [visible, setVisible] = useState(typeof IntersectionObserver === "undefined");
  useEffect(() => {
    if (!element.current || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver((entries) => setVisible(entries.at(-1)?.isIntersecting ?? false), { rootMargin: AHEAD });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return visible;
}
