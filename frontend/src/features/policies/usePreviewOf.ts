"use client";

import { useState } from "react";
import { ApiError } from "@/lib/api";
import { usePreview, usePreviews, useStartPreview } from "@/lib/policyQueries";
import { same } from "@/lib/policyDraft";
import type { Policy, Preview } from "@/lib/policyTypes";

const known = (policy: Policy) => JSON.stringify(Object.entries(policy).sort());

/** The preview of what is typed now: started here, found running after a reload, or computed before for the same changes. */
export function usePreviewOf(target: string, given: Policy) {
  const previews = usePreviews();
  const [startedId, setStartedId] = useState<string | null>(null);
  const start = useStartPreview(target);
  const mine = (preview: Preview) => preview.plugin_id === target;
  const found = previews.find((each) => mine(each) && (each.state === "running" || (each.state === "done" && same(known(each.changes), known(given)))));
  const id = startedId ?? found?.id ?? null;
  const preview = usePreview(id);
  const elsewhere = previews.find((each) => each.state === "running" && each.id !== id);
  return {
    preview: preview?.id === id ? preview : undefined,
    /** Another one is being computed; there is one at a time. */
    elsewhere,
    /** What is shown was computed for other changes than those typed now. */
    outdated: preview !== undefined && known(preview.changes) !== known(given),
    start: (days: number) => start.mutate({ changes: given, days }, { onSuccess: (begun) => setStartedId(begun.id) }),
    starting: start.isPending,
    error: start.error instanceof ApiError && start.error.code === "preview_running" ? null : start.error,
  };
}
