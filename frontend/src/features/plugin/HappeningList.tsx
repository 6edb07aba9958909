"use client";

import { useEffect, useRef, useState } from "react";
import { NoProblem } from "@/components/optimization/NoProblem";
import { Way } from "@/components/optimization/Way";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { findingName } from "@/lib/findingName";
import { partName } from "@/lib/partName";
import { usePermission } from "@/lib/permission";
import { executionAddress } from "@/lib/ways";
import { auditAddress } from "@/lib/auditFilter";
import type { Happening } from "./cluster";

interface Props {
  pluginId: string;
  happenings: readonly Happening[];
  picked: ReadonlySet<string>;
  onShowExecution: (id: string) => void;
}

const FIRST = 8;

/** Everything that happened in the shown stretch, newest first; an execution leads to its row of the history, a saved policy to its entry of the audit. */
export function HappeningList({ pluginId, happenings, picked, onShowExecution }: Props) {
  const { t } = useLanguage();
  const list = useRef<HTMLOListElement>(null);
  const [all, setAll] = useState(false);
  const newest = happenings.toReversed();
  const shown = all || picked.size > 0 ? newest : newest.slice(0, FIRST);
  useEffect(() => {
    if (picked.size > 0) list.current?.querySelector("[data-picked=true]")?.scrollIntoView({ block: "nearest" });
  }, [picked]);
  return (
    <section className="happening-list" aria-labelledby="happenings-title">
      <h3 id="happenings-title">{t("plugin.happened")}</h3>
      {happenings.length === 0 && <p className="muted">{t("plugin.happened.nothing")}</p>}
      <ol ref={list}>
        {shown.map((each) => (
          <li key={each.key} data-picked={picked.has(each.key)} data-testid={`happened-${each.kind}`}>
            <span className={`mark-kind mark-${each.severity === "critical" ? "critical" : each.kind}`}>{(each.finding && findingName(t, each.finding)) || t(`mark.${each.kind}`)}</span>
            <span className="happened-text">
              <Text of={each} onShowExecution={onShowExecution} />
              {each.present && <span className="muted small"> {t("plugin.happened.still")}</span>}
            </span>
            <span className="muted small happened-when">
              {each.by && <span>{partName(t, "author", each.by)}</span>} <When at={new Date(each.at).toISOString()} />
            </span>
            {each.unusual && <NoProblem pluginId={pluginId} unusual={each.unusual} feedback={each.feedback} about={each.text} />}
          </li>
        ))}
      </ol>
      {newest.length > shown.length && (
        <button type="button" className="link" onClick={() => setAll(true)}>{t("plugin.happened.more", { n: newest.length - shown.length })}</button>
      )}
    </section>
  );
}

/** What happened, as a way to what is on record of it; the audit is for administrators. */
function Text({ of: { text, executionId, auditNumber }, onShowExecution }: { of: Happening } & Pick<Props, "onShowExecution">) {
  const { adminOnly } = usePermission();
  if (executionId) return <Way to={executionAddress(executionId)} onGo={() => onShowExecution(executionId)}>{text}</Way>;
  if (auditNumber === null || adminOnly) return text;
  return <Way to={auditAddress(auditNumber)}>{text}</Way>;
}
