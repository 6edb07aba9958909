"use client";

import { useLanguage } from "@/lib/i18n/context";
import { useNow } from "@/lib/now";

/** A time as people ask for it: how long ago, and exactly when (with zone). */
export function When({ at, only }: { at: string | null; only?: "relative" }) {
  const { format } = useLanguage();
  const now = useNow();
  if (!at) return <span>{format.time(null)}</span>;
  return (
    <time dateTime={at} title={format.time(at)} className="when">
      {only !== "relative" && <span>{format.time(at)}</span>}
      <span className={only ? undefined : "muted"}>{format.ago(at, now)}</span>
    </time>
  );
}
