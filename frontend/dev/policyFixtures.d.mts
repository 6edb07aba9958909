/** Somebody else changes a policy. */
export function meddle(target: string, changes: Record<string, unknown>): void;
export function reset(): void;
