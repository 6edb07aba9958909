"use client";

import { useEffect, useSyncExternalStore } from "react";
import { useSetting } from "./settings";

export type Theme = "system" | "light" | "dark";
export const THEMES = ["system", "light", "dark"] as const;

const DARK = "(prefers-color-scheme: dark)";

function subscribeDark(listener: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

/** The chosen theme and what it comes out as; keeps `<html data-theme>` in step. */
export function useTheme(): { theme: Theme; setTheme: (theme: Theme) => void; resolved: "light" | "dark" } {
  const [theme, setTheme] = useSetting("po-theme", THEMES);
  const systemDark = useSyncExternalStore(subscribeDark, () => matchMedia(DARK).matches, () => false);
  const resolved = theme === "dark" || (theme === "system" && systemDark) ? "dark" : "light";
  useEffect(() => void (document.documentElement.dataset.theme = resolved), [resolved]);
  return { theme, setTheme, resolved };
}
