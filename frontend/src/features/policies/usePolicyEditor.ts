"use client";

import { useMemo, useState } from "react";
import { ApiError } from "@/lib/api";
import { type Marked } from "@/lib/laterApi";
import { dropDraft, keepDraft, useDraft } from "@/lib/drafts";
import { changesOf, movedBetween, type Changes, type Typed } from "@/lib/policyDraft";
import { usePolicy, useSavePolicy } from "@/lib/policyQueries";
import type { FieldError, PolicyField, PolicyView } from "@/lib/policyTypes";

const NOTHING: Typed = {};

export interface PolicyEditor extends Changes {
  /** The policy that is typed into. */
  base: PolicyView;
  typed: Typed;
  type: (field: string, text: string | null | undefined) => void;
  discard: () => void;
  /** Fields that somebody else changed since the typing began, as they are now. */
  moved: readonly string[];
  now: PolicyView;
  /** Go on from what is there now, and keep what was typed. */
  goOn: () => void;
  save: () => void;
  saving: boolean;
  saved: boolean;
  refusedAt: readonly FieldError[];
  refusal: unknown;
}

/** The form of one policy: what is typed stays until it is saved or discarded, whatever the server says meanwhile. */
export function usePolicyEditor(target: string, schema: readonly PolicyField[], latest: Marked<PolicyView>): PolicyEditor {
  const draft = useDraft(target);
  const { askAgain } = usePolicy(target);
  const save = useSavePolicy(target);
  const [saved, setSaved] = useState(false);
  const base = draft?.base ?? latest;
  const typed = draft?.typed ?? NOTHING;
  const changes = useMemo(() => changesOf(schema, base.value, typed), [schema, base, typed]);
  const moved = useMemo(() => (base.etag === latest.etag ? [] : movedBetween(base.value, latest.value)), [base, latest]);

  const type = (field: string, text: string | null | undefined) => {
    const next: Record<string, string | null> = { ...typed };
    if (text === undefined) delete next[field];
    else next[field] = text;
    save.reset();
    setSaved(false);
    if (Object.keys(next).length === 0) dropDraft(target);
    else keepDraft(target, { base, typed: next });
  };
  const onError = (error: unknown) => {
    if (error instanceof ApiError && error.status === 412) void askAgain();
  };
  const onSuccess = () => {
    dropDraft(target);
    setSaved(true);
  };
  return {
    ...changes, base: base.value, typed, type, moved, now: latest.value, saved,
    discard: () => dropDraft(target),
    goOn: () => keepDraft(target, { base: latest, typed }),
    save: () => save.mutate({ changes: changes.given, etag: moved.length > 0 ? base.etag : latest.etag }, { onError, onSuccess }),
    saving: save.isPending,
    refusedAt: errorsOf(save.error),
    refusal: save.error,
  };
}

function errorsOf(error: unknown): readonly FieldError[] {
  const found = error instanceof ApiError ? error.members.errors : undefined;
  return Array.isArray(found) ? (found as FieldError[]) : [];
}
