"use client";

import { useState } from "react";

/** What the server said to a question: four different states that must not be mixed up on the screen. */
export interface Answer<Data> {
  /** The last good answer; still there when a later one failed, and then old. */
  data: Data | undefined;
  /** Nothing has come yet, neither an answer nor a refusal. */
  waiting: boolean;
  /** The last attempt failed. It stays true while the next attempt is on its way. */
  failed: boolean;
  error: unknown;
  updatedAt: number;
  askAgain: () => void;
}

interface Asked<Data> {
  data: Data | undefined;
  error: unknown;
  errorUpdatedAt: number;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

/** The query library forgets an error as soon as it asks again, which would make the page flicker; this does not. */
export function useAnswer<Data>({ data, error, errorUpdatedAt, dataUpdatedAt, refetch }: Asked<Data>): Answer<Data> {
  const [last, setLast] = useState<unknown>(error);
  if (error && error !== last) setLast(error);
  const failed = errorUpdatedAt > dataUpdatedAt;
  return {
    data,
    waiting: data === undefined && !failed,
    failed,
    error: error ?? last,
    updatedAt: dataUpdatedAt,
    askAgain: () => void refetch(),
  };
}
