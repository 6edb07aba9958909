"use client";

import { lazy, Suspense } from "react";
import { useEmergencyStop } from "@/lib/queries";
import type { Session } from "@/lib/types";

const StopBanner = lazy(() => import("./StopBanner"));

/** While the emergency stop is set, it says so on every page. */
export function StopGate({ session }: { session: Session }) {
  const stop = useEmergencyStop().data;
  return stop?.stopped ? <Suspense fallback={null}><StopBanner stop={stop} session={session} /></Suspense> : null;
}
