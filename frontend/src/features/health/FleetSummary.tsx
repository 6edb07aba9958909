"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import { useFleet } from "@/lib/queries";
import { FourNumbers } from "./FourNumbers";
import { VerdictSentence } from "./VerdictSentence";

/** The top of the page: the verdict and the four numbers. */
export function FleetSummary({ onSelect }: { onSelect: (plugin: string) => void }) {
  const { t } = useLanguage();
  const fleet = useFleet();
  return (
    <section className="summary card" aria-label={t("summary")}>
      {fleet.waiting ? <Skeleton lines={2} label={t("loading")} /> : <VerdictSentence onSelect={onSelect} />}
      <FourNumbers />
    </section>
  );
}
