"use client";

import { useEffect, useState } from "react";

/**
 * Fetch a module once it is needed, and return it when it is there; null before. `lazy` would put something in the place
 * of what it loads; who uses this can let a whole page wait instead, so that nothing moves later.
 */
export function useModule<Module extends object>(needed: boolean, load: () => Promise<Module>): Module | null {
  const [found, setFound] = useState<{ module: Module } | { error: unknown } | null>(null);
  const loading = needed && found === null;
  useEffect(() => {
    if (!loading) return;
    void load().then((module) => setFound({ module }), (error: unknown) => setFound({ error }));
  }, [loading, load]);
  if (found && "error" in found) throw found.error; // as `lazy` does: the page says that it is broken
  return needed && found ? found.module : null;
}
