"use client";

import { useEffect, useMemo, useRef, useState } from "react";
import { useLanguage } from "@/lib/i18n/context";
import { findingName } from "@/lib/findingName";
import type { Translate } from "@/lib/i18n/messages";
import { clustered, type Happening } from "./cluster";
import { AXIS_PX, EDGE_PX } from "./measures";

interface Props {
  happenings: Happening[];
  from: number;
  to: number;
  onPick: (members: readonly Happening[]) => void;
}

const BUTTON_PX = 70; // nearer than that two of them would cover each other
const STEP_PX = 4; // what is as wide need not move with every pixel of its line

/**
 * What happened, as buttons above the line where it happened; what lies too near is one button with a number. The list
 * beside the charts names the same things and is what keys and screen readers use: forty tab stops would help nobody.
 */
export function HappeningButtons({ happenings, from, to, onPick }: Props) {
  const { t } = useLanguage();
  const row = useRef<HTMLDivElement>(null);
  const width = useWidth(row);
  const shown = useMemo(() => {
    const inside = happenings.filter((each) => each.at >= from * 1000 && each.at <= to * 1000);
    return width > 0 ? clustered(inside, ((to - from) * 1000 * BUTTON_PX) / width) : [];
  }, [happenings, from, to, width]);
  return (
    <div className="happenings" aria-hidden="true">
      <div className="happenings-row" ref={row} style={{ marginLeft: AXIS_PX, marginRight: EDGE_PX }}>
        {shown.map(({ at, members }) => {
          const [first] = members;
          if (!first) return null;
          return (
            <button
              key={first.key} type="button" tabIndex={-1} title={members.map((each) => each.text).join("\n")} onClick={() => onPick(members)}
              className={`happening happening-${kindOf(members)}`} style={{ translate: `${STEP_PX * Math.round((((at / 1000 - from) / (to - from)) * width) / STEP_PX)}px` }}
              data-testid="happening"
            >
              {labelOf(t, members)}
            </button>
          );
        })}
      </div>
    </div>
  );
}

/** Return what is there in a word or two: what begins, if that is one thing, or how many things happened. */
function labelOf(t: Translate, members: readonly Happening[]): string {
  const begun = members.filter((each) => each.finding !== null);
  const told = begun.length === 1 ? begun[0] : members.length === 1 ? members[0] : undefined;
  if (!told) return t("mark.many", { n: members.length });
  return members.length === 1 ? nameOf(t, told) : t("mark.with", { name: nameOf(t, told), n: members.length - 1 });
}

function nameOf(t: Translate, { kind, finding }: Happening): string {
  return (finding && findingName(t, finding)) || t(`mark.${kind}`);
}

function kindOf(members: readonly Happening[]): string {
  if (members.some((each) => each.severity === "critical")) return "critical";
  if (members.some((each) => each.kind === "onset")) return "onset";
  return members.length === 1 ? (members[0]?.kind ?? "many") : "many";
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const measured = element.current;
    const observer = new ResizeObserver(() => setWidth(measured.clientWidth));
    observer.observe(measured);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
