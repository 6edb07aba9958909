"use client";

import type { KeyboardEvent } from "react";

export interface Tab<Name extends string> {
  name: Name;
  label: string;
}

interface Props<Name extends string> {
  label: string;
  tabs: readonly Tab<Name>[];
  active: Name;
  onSelect: (name: Name) => void;
}

/** A tab list with one stop for the Tab key; arrows, Home and End move inside it. */
export function Tabs<Name extends string>({ label, tabs, active, onSelect }: Props<Name>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const next = nextIndex(event.key, tabs.findIndex((tab) => tab.name === active), tabs.length);
    const tab = next === null ? undefined : tabs[next];
    if (!tab) return;
    event.preventDefault();
    onSelect(tab.name);
    document.getElementById(`tab-${tab.name}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map((tab) => (
        <button
          key={tab.name} id={`tab-${tab.name}`} data-testid={`tab-${tab.name}`} type="button" role="tab" className="tab"
          aria-selected={tab.name === active} tabIndex={tab.name === active ? 0 : -1}
          aria-controls={tab.name === active ? `panel-${tab.name}` : undefined}
          onClick={() => onSelect(tab.name)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}

function nextIndex(key: string, index: number, count: number): number | null {
  if (key === "ArrowRight") return (index + 1) % count;
  if (key === "ArrowLeft") return (index - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}
