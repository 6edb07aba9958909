"use client";

import { lazy, Suspense, useState, type ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { ErrorNotice } from "@/components/optimization/ErrorNotice";
import { useLanguage } from "@/lib/i18n/context";
import { useSuggestions } from "@/lib/queries";
import { byCause, byUrgency } from "@/lib/rank";
import type { Suggestion } from "@/lib/types";
import { CauseGroup } from "./CauseGroup";
import { SuggestionCard } from "./SuggestionCard";

const DismissedNote = lazy(() => import("./DismissedNote"));

const SHOWN_AT_FIRST = 7;

interface Props {
  onShowExecution: (id: string) => void;
  /** What nobody is asked about now, below the cards. */
  setAside?: ReactNode;
  /** What is said where there are none. */
  nothing?: ReactNode;
  /** Only those of one plugin; its page says itself why there is none. */
  plugin?: string;
}

/** What is suggested now, the most urgent first. Executed ones live in the history. */
export function SuggestionList({ onShowExecution, setAside, nothing, plugin }: Props) {
  const { t } = useLanguage();
  const suggestions = useSuggestions(plugin);
  const [all, setAll] = useState(false);
  const [dismissed, setDismissed] = useState<Suggestion[]>([]);
  const waiting = byUrgency((suggestions.data ?? []).filter(({ state }) => state === "open" || state === "claimed"));
  if (plugin && !suggestions.failed && waiting.length + dismissed.length === 0) return null;
  const shown = all ? waiting : waiting.slice(0, SHOWN_AT_FIRST);
  const remember = (suggestion: Suggestion) => setDismissed((list) => [...list, suggestion]);
  const forget = (id: string) => setDismissed((list) => list.filter((suggestion) => suggestion.id !== id));
  const cardOf = (suggestion: Suggestion) => (
    <SuggestionCard
      key={suggestion.id} suggestion={suggestion} onShowExecution={onShowExecution}
      onDismissed={() => remember(suggestion)} outdated={suggestions.failed}
    />
  );
  return (
    <section aria-labelledby="suggestions-title">
      <h2 id="suggestions-title">{t("suggestions.title")}{waiting.length > 0 && <span className="count">{waiting.length}</span>}</h2>
      {suggestions.failed && <ErrorNotice error={suggestions.error} onRetry={suggestions.askAgain} />}
      {suggestions.waiting && <div className="card"><Skeleton lines={5} label={t("loading")} /></div>}
      <Suspense fallback={null}>
        {dismissed.map((suggestion) => <DismissedNote key={suggestion.id} suggestion={suggestion} onDone={() => forget(suggestion.id)} />)}
      </Suspense>
      {suggestions.data && !suggestions.failed && waiting.length === 0 && nothing}
      <div className={suggestions.failed ? "cards is-old" : "cards"}>
        {byCause(shown).map((cause) => cause.suggestions.length === 1 ? cause.suggestions.map(cardOf) : (
          <CauseGroup key={cause.key} cause={cause}>{cause.suggestions.map(cardOf)}</CauseGroup>
        ))}
      </div>
      {waiting.length > shown.length && (
        <Button kind="quiet" icon="down" onClick={() => setAll(true)}>{t("suggestions.more", { n: waiting.length - shown.length })}</Button>
      )}
      {setAside}
    </section>
  );
}
