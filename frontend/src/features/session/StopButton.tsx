"use client";

import { lazy, Suspense, useEffect, useState } from "react";
import { Button } from "@/components/ui/Button";
import { useLanguage } from "@/lib/i18n/context";
import { useEmergencyStop } from "@/lib/queries";
import type { Session } from "@/lib/types";

const loadDialog = () => import("./StopDialog");
const StopDialog = lazy(loadDialog);
const AFTER_FIRST_SCREEN_MS = 2000;
export const BANNER_ID = "emergency-stop";

/**
 * Always in the same place, whatever else the page knows: one click asks for the reason, the second one stops. The
 * dialog is fetched beforehand, because it must open when the server no longer answers.
 */
export function StopButton({ session }: { session: Session }) {
  const { t } = useLanguage();
  const [asking, setAsking] = useState(false);
  const stopped = useEmergencyStop().data?.stopped ?? false;
  useEffect(() => {
    const timer = setTimeout(() => void loadDialog().catch(() => undefined), AFTER_FIRST_SCREEN_MS);
    return () => clearTimeout(timer);
  }, []);
  if (session.role !== "operator" && session.role !== "admin") return null;
  return (
    <>
      <Button
        kind="danger" icon="stop" className="stop-button" data-testid="stop" data-stopped={stopped}
        onClick={() => (stopped ? document.getElementById(BANNER_ID)?.focus() : setAsking(true))}
      >
        {t(stopped ? "stop.isSet" : "stop.action")}
      </Button>
      {asking && <Suspense fallback={null}><StopDialog onClose={() => setAsking(false)} /></Suspense>}
    </>
  );
}
