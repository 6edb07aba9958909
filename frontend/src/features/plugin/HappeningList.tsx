"use client";

import { useEffect, useRef, useState } from "react";
import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { Happening } from "./cluster";

interface Props {
  happenings: readonly Happening[];
  picked: ReadonlySet<string>;
  onShowExecution: (id: string) => void;
}

const FIRST = 8;

/** Everything that happened in the shown stretch, newest first; an execution leads to its row of the history. */
export function HappeningList({ happenings, picked, onShowExecution }: Props) {
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
            <span className={`mark-kind mark-${each.severity === "critical" ? "critical" : each.kind}`}>{t(`mark.${each.kind}`)}</span>
            <span className="happened-text">
              {each.executionId
                ? (
                  <a
                    href={`?execution=${encodeURIComponent(each.executionId)}`}
                    onClick={(event) => {
                      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                      event.preventDefault();
                      if (each.executionId) onShowExecution(each.executionId);
                    }}
                  >
                    {each.text}
                  </a>
                )
                : each.text}
              {each.present && <span className="muted small"> {t("plugin.happened.still")}</span>}
            </span>
            <span className="muted small happened-when">
              {each.by && <span>{each.by}</span>} <When at={new Date(each.at).toISOString()} />
            </span>
          </li>
        ))}
      </ol>
      {newest.length > shown.length && (
        <button type="button" className="link" onClick={() => setAll(true)}>{t("plugin.happened.more", { n: newest.length - shown.length })}</button>
      )}
    </section>
  );
}
