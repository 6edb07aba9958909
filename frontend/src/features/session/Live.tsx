"use client";

import { useEffect } from "react";
import type { LiveMode } from "@/lib/live/connection";
import { useLive } from "@/lib/live/useLive";

/** Keeps the page fresh from the moment on when there is one, and tells how. */
export default function Live({ onMode }: { onMode: (mode: LiveMode) => void }) {
  const mode = useLive(true);
  useEffect(() => onMode(mode), [mode, onMode]);
  return null;
}
