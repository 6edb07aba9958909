"use client";

import { createContext, useContext, type ReactNode } from "react";
import { Entry, type QueryKey } from "./entry";

interface Filter {
  /** The beginning of the keys that are meant. */
  queryKey?: QueryKey;
  predicate?: (query: { readonly queryKey: QueryKey }) => boolean;
}

/** All answers of the server that the page knows, by the key of their question. */
export class QueryClient {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly onError: (error: unknown, query: { readonly queryKey: QueryKey }) => void = () => {}) {}

  entry(queryKey: QueryKey): Entry {
    const name = JSON.stringify(queryKey);
    const known = this.entries.get(name);
    if (known) return known;
    const entry = new Entry(queryKey, this.onError, () => this.entries.delete(name));
    this.entries.set(name, entry);
    return entry;
  }

  /** Ask again what somebody looks at, and the rest as soon as somebody does; done when all answers have come. */
  async invalidateQueries(filter: Filter = {}): Promise<void> {
    await Promise.all(this.matching(filter).map((entry) => entry.invalidate()));
  }

  removeQueries(filter: Filter = {}): void {
    for (const entry of this.matching(filter)) entry.reset();
  }

  setQueryData(queryKey: QueryKey, data: unknown): void {
    this.entry(queryKey).accept(data);
  }

  private matching({ queryKey = [], predicate = () => true }: Filter): Entry[] {
    const begins = (entry: Entry) => queryKey.every((part, index) => JSON.stringify(part) === JSON.stringify(entry.queryKey[index]));
    return [...this.entries.values()].filter((entry) => begins(entry) && predicate(entry));
  }
}

const ClientContext = createContext<QueryClient | null>(null);

export function useQueryClient(): QueryClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error("useQueryClient needs a QueryClientProvider above it");
  return client;
}

export function QueryClientProvider({ client, children }: { client: QueryClient; children: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>;
}
