"use client";

import { useRef } from "react";
import { api } from "./api";
import { useQueryClient } from "./query/client";
import { useMutation } from "./query/useMutation";
import { randomKey } from "./randomKey";
import type { EmergencyStop, Execution } from "./types";

export function useDeed<Input = void, Output = unknown>(deed: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: deed, onSettled: () => queries.invalidateQueries() });
}

/**
 * Execute a suggestion once, in the revision that was read. React's state is too late for a double click, so a ref is
 * the latch; each attempt has its own Idempotency-Key, so that a failed attempt is not replayed for ever. Answers when
 * the lists are fresh again: what went wrong, null where nothing did.
 */
export function useExecute(suggestionId: string) {
  const deed = useDeed((revision: number) => api.execute(suggestionId, revision, randomKey()));
  const running = useRef(false);
  const execute = (revision: number): Promise<unknown> => {
    if (running.current) return Promise.resolve(null);
    running.current = true;
    return deed.mutateAsync(revision).then(() => null, (error: unknown) => error).finally(() => (running.current = false));
  };
  return { execute, pending: deed.isPending, error: deed.error, reset: deed.reset };
}

/** `onDone` is called before the list is asked for again: by then the card that asked may be gone. */
export function useDismiss(suggestionId: string, onDone: () => void) {
  return useDeed((reason: string) => api.dismiss(suggestionId, reason).then(onDone));
}

export function useUndoDismiss() {
  return useDeed((suggestionId: string) => api.undoDismiss(suggestionId));
}

export function useRollBack(executionId: string) {
  return useDeed(() => api.rollBack(executionId));
}

/** Leave as it is what needs an operator. `onClosed` is called before the lists are asked for again, which lack it then. */
export function useClose(executionId: string, onClosed: (execution: Execution) => void) {
  return useDeed((note: string) => api.close(executionId, note, randomKey()).then(onClosed));
}

export function useCancel(executionId: string) {
  return useDeed(() => api.cancel(executionId));
}

export function useLogIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (login: { username: string; password: string }) => api.logIn(login.username, login.password),
    onSuccess: (session) => {
      queries.setQueryData(["session"], session);
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    },
  });
}

function useStopDeed<Input>(deed: (input: Input) => Promise<EmergencyStop>, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: deed,
    onSuccess: (stop) => {
      queries.setQueryData(["emergency-stop"], stop);
      onDone();
      void queries.invalidateQueries();
    },
  });
}

export function useStop(onDone: () => void) {
  return useStopDeed((reason: string) => api.stop(reason), onDone);
}

/** Arm the engine again; with a password, log in freshly first. */
export function useArm(onDone: () => void) {
  return useStopDeed(async (password: string | null) => {
    if (password !== null) await api.confirm(password);
    return api.arm();
  }, onDone);
}
