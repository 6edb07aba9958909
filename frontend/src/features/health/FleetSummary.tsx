"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import { usePlugins } from "@/lib/queries";
import { FourNumbers } from "./FourNumbers";
import { VerdictSentence } from "./VerdictSentence";

/** The top of the page: the verdict and the four numbers. */
export function FleetSummary() {
  const { t } = useLanguage();
  const plugins = usePlugins();
  return (
    <section className="summary card" aria-label={t("summary")}>
      {plugins.isPending ? <Skeleton lines={2} label={t("loading")} /> : <VerdictSentence />}
      <FourNumbers />
    </section>
  );
}
