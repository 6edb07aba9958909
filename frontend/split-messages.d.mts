export function reached(entries?: readonly string[]): string[];
export function namedIn(code: string): (key: string) => boolean;
export function splitMessages(): void;
