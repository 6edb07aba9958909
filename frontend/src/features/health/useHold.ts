"use client";

import { useCallback, useEffect, useRef } from "react";
import { useQueryClient } from "@/lib/query/client";

type Reason = "pointer" | "focus" | "panel";

/**
 * Keep the order of rows while somebody points at the list, stands in it with the keyboard, or has a panel open: nothing
 * moves away from under a click. Figures stay live; the order is asked for anew as soon as nobody holds it.
 */
export function useHold() {
  const reasons = useRef(new Set<Reason>());
  const queries = useQueryClient();
  const set = useCallback((reason: Reason, holds: boolean) => {
    const held = reasons.current.size > 0;
    if (holds) reasons.current.add(reason);
    else reasons.current.delete(reason);
    if (!held || reasons.current.size > 0) return;
    void queries.invalidateQueries({ queryKey: ["plugins"] });
    void queries.invalidateQueries({ queryKey: ["groups"] });
  }, [queries]);
  const held = useCallback(() => reasons.current.size > 0, []);
  return { held, set };
}

/** Hold as long as this is so. */
export function useHolding({ set }: Pick<ReturnType<typeof useHold>, "set">, reason: Reason, holds: boolean): void {
  useEffect(() => {
    set(reason, holds);
    return () => set(reason, false);
  }, [set, reason, holds]);
}
