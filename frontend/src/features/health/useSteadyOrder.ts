"use client";

import { useState } from "react";
import type { Plugin } from "@/lib/types";

/** Keep the order of rows while the pointer is over them: nothing moves away from under a click. */
export function useSteadyOrder(wanted: Plugin[]) {
  const [held, setHeld] = useState<string[] | null>(null);
  const place = (plugin: Plugin) => {
    const index = held?.indexOf(plugin.plugin_id) ?? -1;
    return index < 0 ? wanted.length : index;
  };
  const sorted = held ? [...wanted].sort((a, b) => place(a) - place(b)) : wanted;
  const start = () => setHeld(wanted.map((plugin) => plugin.plugin_id));
  return { sorted, hold: { start, end: () => setHeld(null) } };
}
