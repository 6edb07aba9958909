"use client";

import { useMemo } from "react";
import { useLanguage } from "@/lib/i18n/context";
import { useFromNow } from "@/lib/now";

/** A time as people ask for it: how long ago, and exactly when (with zone). */
export function When({ at, only }: { at: string | null; only?: "relative" }) {
  const { format } = useLanguage();
  const time = useMemo(() => format.time(at), [format, at]);
  const ago = useFromNow((now) => format.ago(at, now));
  if (!at) return <span>{time}</span>;
  return (
    <time dateTime={at} title={time} className="when">
      {only !== "relative" && <span>{time}</span>}
      <span className={only ? undefined : "muted"}>{ago}</span>
    </time>
  );
}
