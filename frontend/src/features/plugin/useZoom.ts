"use client";

import { useMemo } from "react";
import { go, useSearch } from "@/lib/urlState";
import { pageAddress, parsePage, spanOf, validSpan, zoomed, type PageState, type Span } from "./pageState";

/** What every chart can do to the shown stretch; always the same object. */
export interface Zoom {
  to: (span: Span) => void;
  by: (factor: number, about: number) => void;
  out: () => void;
}

export function usePage(): { page: PageState; change: (changed: Partial<PageState>) => void; zoom: Zoom } {
  const search = useSearch();
  const page = useMemo(() => parsePage(search), [search]);
  const deeds = useMemo(() => {
    const present = () => parsePage(window.location.search);
    const change = (changed: Partial<PageState>) => go(pageAddress(window.location.search, { ...present(), ...changed }));
    const shown = (): Span => {
      const page = present();
      const to = Date.now();
      return page.span ?? { from: to - spanOf(page), to };
    };
    const zoom: Zoom = {
      to: (span) => {
        const valid = validSpan(span.from, Math.min(span.to, Date.now()));
        if (valid) change({ span: valid });
      },
      by: (factor, about) => zoom.to(zoomed(shown(), factor, about)),
      out: () => change({ span: null }),
    };
    return { change, zoom };
  }, []);
  return { page, ...deeds };
}
