"use client";

import { useCallback, useState } from "react";

interface Deed<Input, Output> {
  mutationFn: (input: Input) => Promise<Output>;
  onSuccess?: (output: Output) => void;
  /** What is awaited before the deed counts as done, for example that the lists are fresh again. */
  onSettled?: () => unknown;
}

interface Then<Output> {
  onSuccess?: (output: Output) => void;
  onError?: (error: unknown) => void;
}

interface Progress {
  isPending: boolean;
  error: Error | null;
}

const RESTING: Progress = { isPending: false, error: null };

/** Something that changes the server, at a person's wish: how far it is, and what went wrong. */
export function useMutation<Input = void, Output = unknown>({ mutationFn, onSuccess, onSettled }: Deed<Input, Output>) {
  const [progress, setProgress] = useState(RESTING);
  const mutateAsync = async (input: Input): Promise<Output> => {
    setProgress({ isPending: true, error: null });
    let error: Error | null = null;
    try {
      const output = await mutationFn(input);
      onSuccess?.(output);
      return output;
    } catch (refusal) {
      error = refusal instanceof Error ? refusal : new Error(String(refusal));
      throw refusal;
    } finally {
      await onSettled?.();
      setProgress({ isPending: false, error });
    }
  };
  const mutate = (input: Input, then: Then<Output> = {}) => void mutateAsync(input).then(then.onSuccess, then.onError ?? (() => undefined));
  return { ...progress, mutate, mutateAsync, reset: useCallback(() => setProgress(RESTING), []) };
}
