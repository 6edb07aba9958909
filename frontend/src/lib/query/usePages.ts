"use client";

import { useQueryClient } from "./client";
import type { Entry, QueryKey } from "./entry";
import { useAnswer, useFetching, type Answer } from "./useAnswer";

interface Paged<Row> {
  queryKey: QueryKey;
  queryFn: (cursor: string | undefined) => Promise<Row[]>;
  /** Where the next page begins; undefined after the last one. */
  next: (page: Row[]) => string | undefined;
}

interface Read<Row> {
  pages: Row[][];
}

export interface Pages<Row> extends Answer<Read<Row>> {
  hasMore: boolean;
  fetchingMore: boolean;
  fetchMore: () => void;
}

/** How many pages of a list are to be read. */
const wanted = new WeakMap<Entry, number>();

/** A list that is read page by page; who asks again gets all pages anew that were read so far. */
export function usePages<Row>({ queryKey, queryFn, next }: Paged<Row>): Pages<Row> {
  const entry = useQueryClient().entry(queryKey);
  const read = async (): Promise<Read<Row>> => {
    const pages: Row[][] = [];
    let cursor: string | undefined;
    do {
      const page = await queryFn(cursor);
      pages.push(page);
      cursor = next(page);
    } while (cursor !== undefined && pages.length < (wanted.get(entry) ?? 1));
    wanted.set(entry, pages.length);
    return { pages };
  };
  const answer = useAnswer<Read<Row>>({ queryKey, queryFn: read, keepPrevious: true });
  const fetching = useFetching(queryKey);
  const known = answer.data?.pages ?? [];
  const last = known.at(-1);
  return {
    ...answer,
    hasMore: last !== undefined && !answer.previous && next(last) !== undefined,
    fetchingMore: fetching && (wanted.get(entry) ?? 1) > known.length,
    fetchMore: () => {
      wanted.set(entry, known.length + 1);
      void entry.invalidate();
    },
  };
}
