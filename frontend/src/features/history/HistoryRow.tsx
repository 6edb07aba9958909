"use client";

import { useEffect, useRef } from "react";
import { Icon } from "@/components/ui/Icon";
import { ChangeDiff } from "@/components/optimization/ChangeDiff";
import { CloseButton } from "@/components/optimization/CloseButton";
import { ResultMark } from "@/components/optimization/ResultMark";
import { RollBackButton } from "@/components/optimization/RollBackButton";
import { TroubleNote } from "@/components/optimization/TroubleNote";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import { isFinal } from "@/lib/final";
import { partName } from "@/lib/partName";
import { judged } from "@/lib/steps";
import { troubleOf } from "@/lib/trouble";
import type { Execution } from "@/lib/types";
import { HistoryDetail } from "./HistoryDetail";
import { VerdictFigures } from "./VerdictFigures";

export function HistoryRow({ execution, open, onToggle }: { execution: Execution; open: boolean; onToggle: () => void }) {
  const { t } = useLanguage();
  const row = useRef<HTMLLIElement>(null);
  const openedByAddress = useRef(open);
  useEffect(() => {
    if (openedByAddress.current) row.current?.scrollIntoView?.({ block: "center" });
  }, []);
  const verdict = judged(execution);
  const sentence = verdict?.text ?? (isFinal(execution.state) ? execution.reason?.text : null);
  return (
    <li ref={row} className="card history-row" data-testid={`history-row-${execution.id}`} data-state={execution.state}>
      <div className="history-when"><When at={execution.executed_at} /></div>
      <div className="history-what">
        <p className="suggestion-plugin">{execution.plugin_id} <span className="muted">· {t("execution.by", { name: partName(t, "author", execution.approved_by) })}</span></p>
        <h3>{execution.description}</h3>
        <ChangeDiff change={execution.change} compact />
      </div>
      <div className="history-verdict">
        <ResultMark execution={execution} />
        {!troubleOf(execution) && (
          <p data-testid={`verdict-${execution.id}`} data-outcome={verdict?.outcome}>{sentence ?? t("history.noVerdict")}</p>
        )}
        <TroubleNote execution={execution} />
        <VerdictFigures execution={execution} />
      </div>
      <div className="history-actions">
        <CloseButton execution={execution} />
        <RollBackButton execution={execution} />
        <button type="button" className="link disclosure" aria-expanded={open} onClick={onToggle}>
          {t("execution.details")} <Icon name="down" size={13} />
        </button>
      </div>
      {open && <HistoryDetail id={execution.id} />}
    </li>
  );
}
