"use client";

import { effectOf } from "@/lib/effect";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import { judged } from "@/lib/steps";
import type { ExecutionDetail } from "@/lib/types";

const METHODS = new Set(["paired_replay", "windows", "switchback", "guard"]);

/** What the verdict's statistics mean: how it was compared, from how much, and whether chance explains it. */
export function VerdictWords({ execution }: { execution: ExecutionDetail }) {
  const { t, format } = useLanguage();
  const verdict = judged(execution);
  if (!verdict) return null;
  const { method, windows, requests, low, high } = verdict;
  const effect = effectOf(verdict);
  return (
    <div data-testid={`words-${execution.id}`}>
      <h4>{t("words.title")}</h4>
      <ul className="plain-list">
        <li>{METHODS.has(method) ? t(`words.method.${method}` as MessageKey) : t("history.method", { method })}</li>
        {Boolean(windows || requests) && <li>{t("words.from", { windows: format.number(windows ?? 0, 4), requests: format.number(requests ?? 0, 4) })}</li>}
        {effect.known !== "not" && low !== null && high !== null && (
          <li>{t("words.range", { low: format.share(low), high: format.share(high) })} {t(chanceOf(low, high))}</li>
        )}
      </ul>
    </div>
  );
}

/** Whether "no change", a ratio of 1, lies within the range. */
function chanceOf(low: number, high: number): MessageKey {
  if (high < 1) return "words.surelyLess";
  return low > 1 ? "words.surelyMore" : "words.maybeNothing";
}
