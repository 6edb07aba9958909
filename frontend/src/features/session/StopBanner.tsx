"use client";

import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { Icon } from "@/components/ui/Icon";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { EmergencyStop, Session } from "@/lib/types";
import { BANNER_ID } from "./StopButton";

const ArmDialog = lazy(() => import("./ArmDialog"));

/** Who stopped everything, when and why, what that means, and who may end it. */
export default function StopBanner({ stop, session }: { stop: EmergencyStop; session: Session }) {
  const { t } = useLanguage();
  return (
    <section id={BANNER_ID} className="stop-banner" data-testid="stop-banner" aria-label={t("stop.isSet")} tabIndex={-1}>
      <div className="stop-banner-inner">
        <Icon name="stop" size={24} />
        <div className="stop-banner-text">
          <p role="alert"><strong>{t("stop.banner")}</strong></p>
          <p className="stop-banner-who">
            {stop.actor && <span>{t("stop.by", { name: stop.actor })}</span>}
            {stop.at && <When at={stop.at} />}
            {stop.reason && <q>{stop.reason}</q>}
          </p>
          <p className="small">{t("stop.means")}</p>
        </div>
        <Arming session={session} />
      </div>
    </section>
  );
}

function Arming({ session }: { session: Session }) {
  const { t } = useLanguage();
  const [asking, setAsking] = useState(false);
  if (session.role !== "admin") return <p className="stop-banner-arm small">{t("stop.onlyAdmin")}</p>;
  if (!session.login_required) return <p className="stop-banner-arm small">{t("stop.onHost")} <code>{"plugin-optimizer estop arm"}</code></p>;
  return (
    <div className="stop-banner-arm">
      <Button icon="play" data-testid="arm" onClick={() => setAsking(true)}>{t("arm.action")}</Button>
      {asking && <Suspense fallback={null}><ArmDialog loginUrl={session.login_url} onClose={() => setAsking(false)} /></Suspense>}
    </div>
  );
}
