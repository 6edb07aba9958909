import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it, vi } from "vitest";
import { QueryClient, QueryClientProvider } from "@/lib/query/client";
import { share } from "@/lib/query/share";
import { useAnswer, type Question } from "@/lib/query/useAnswer";
import { usePages } from "@/lib/query/usePages";

/** A server whose answers come when the test says so. */
function slowServer() {
  const waiting: { resolve: (data: unknown) => void; reject: (error: unknown) => void }[] = [];
  const ask = vi.fn(() => new Promise<unknown>((resolve, reject) => waiting.push({ resolve, reject })));
  const next = () => waiting.shift() ?? expect.fail("nobody asked");
  return { ask, answer: (data: unknown) => act(async () => next().resolve(data)), fail: (error: unknown) => act(async () => next().reject(error)) };
}

function shown<Result, Props>(client: QueryClient, hook: (props: Props) => Result, initialProps: Props) {
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  return renderHook(hook, { wrapper, initialProps });
}

const question = (ask: () => Promise<unknown>, more: Partial<Question<unknown>> = {}): Question<unknown> => ({ queryKey: ["q"], queryFn: ask, ...more });

describe("an answer", () => {
  it("is asked for once, however many show it", async () => {
    const client = new QueryClient();
    const { ask, answer } = slowServer();
    const first = shown(client, useAnswer, question(ask));
    const second = shown(client, useAnswer, question(ask));
    expect(first.result.current.waiting).toBe(true);
    await answer([1]);
    expect(ask).toHaveBeenCalledTimes(1);
    expect([first.result.current.data, second.result.current.data]).toEqual([[1], [1]]);
  });

  it("stays and is old when a later one fails, and the failure stays while the next is on its way", async () => {
    const client = new QueryClient();
    const { ask, answer, fail } = slowServer();
    const { result } = shown(client, useAnswer, question(ask));
    await answer("good");
    act(() => void client.invalidateQueries());
    await fail(new Error("down"));
    act(() => void client.invalidateQueries());
    expect(result.current).toMatchObject({ data: "good", failed: true, waiting: false, error: new Error("down") });
    await answer("better");
    expect(result.current).toMatchObject({ data: "better", failed: false, error: null });
  });

  it("that was on its way when something changed is followed by a fresh one, and never by two", async () => {
    const client = new QueryClient();
    const { ask, answer } = slowServer();
    const { result } = shown(client, useAnswer, question(ask));
    let done = false;
    act(() => void client.invalidateQueries().then(() => (done = true)));
    act(() => void client.invalidateQueries());
    await answer("before");
    expect([ask.mock.calls.length, done]).toEqual([2, false]);
    await answer("after");
    expect([ask.mock.calls.length, done, result.current.data]).toEqual([2, true, "after"]);
  });

  it("to the previous key is shown as such until the new one is there", async () => {
    const client = new QueryClient();
    const { ask, answer } = slowServer();
    const { result, rerender } = shown(client, useAnswer, question(ask, { queryKey: ["q", "ko"], keepPrevious: true }));
    await answer("안녕");
    rerender(question(ask, { queryKey: ["q", "en"], keepPrevious: true }));
    expect(result.current).toMatchObject({ data: "안녕", previous: true });
    await answer("hello");
    expect(result.current).toMatchObject({ data: "hello", previous: false });
  });

  it("is not asked for while nobody may, nor again by merely looking where it was refused", async () => {
    const client = new QueryClient();
    const { ask, fail } = slowServer();
    shown(client, useAnswer, question(ask, { enabled: false }));
    expect(ask).not.toHaveBeenCalled();
    const { unmount } = shown(client, useAnswer, question(ask));
    await fail(new Error("no"));
    unmount();
    expect(shown(client, useAnswer, question(ask)).result.current.failed).toBe(true);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("that is on its way when everything is removed is dropped", async () => {
    const client = new QueryClient();
    const { ask, answer } = slowServer();
    const { result } = shown(client, useAnswer, question(ask));
    act(() => client.removeQueries());
    await answer("of whoever was logged in before");
    expect(result.current.data).toBeUndefined();
    act(() => void client.invalidateQueries());
    await answer("mine");
    expect(result.current.data).toBe("mine");
  });

  it("that says the same draws nothing anew", async () => {
    const client = new QueryClient();
    const { ask, answer } = slowServer();
    let drawn = 0;
    shown(client, () => { drawn += 1; return useAnswer(question(ask)); }, {});
    await answer({ plugins: [{ id: "a", p95: 1 }] });
    const before = drawn;
    act(() => void client.invalidateQueries());
    await answer({ plugins: [{ id: "a", p95: 1 }] });
    expect(drawn).toBe(before);
  });

  it("is asked for again by itself when it is old", async () => {
    vi.useFakeTimers();
    const { ask, answer } = slowServer();
    shown(new QueryClient(), useAnswer, question(ask, { refetchInterval: 1000 }));
    await answer(1);
    act(() => void vi.advanceTimersByTime(1000));
    expect(ask).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });

  it("is asked for at its pace however long an answer takes, and not while the page is hidden", async () => {
    vi.useFakeTimers();
    const hide = (hidden: boolean) => Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    const { ask, answer } = slowServer();
    shown(new QueryClient(), useAnswer, question(ask, { refetchInterval: 1000 }));
    const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
    for (let asked = 1; asked <= 4; asked += 1) {
      expect(ask).toHaveBeenCalledTimes(asked);
      pass(50);
      await answer(asked);
      pass(1000);
    }
    pass(50);
    await answer("last");
    hide(true);
    pass(60_000);
    expect(ask).toHaveBeenCalledTimes(5);
    hide(false);
    pass(1000);
    expect(ask).toHaveBeenCalledTimes(6);
    vi.useRealTimers();
  });
});

describe("a list of pages", () => {
  it("is read on from its end, and as far again when something changed", async () => {
    const client = new QueryClient();
    const asked: (string | undefined)[] = [];
    const read = async (cursor: string | undefined) => { asked.push(cursor); return cursor === "b" ? ["c"] : ["a", "b"]; };
    const { result } = shown(client, () => usePages<string>({ queryKey: ["list"], queryFn: read, next: (page) => (page.length < 2 ? undefined : page.at(-1)) }), {});
    await act(async () => undefined);
    expect([result.current.data?.pages, result.current.hasMore]).toEqual([[["a", "b"]], true]);
    await act(async () => result.current.fetchMore());
    expect([result.current.data?.pages, result.current.hasMore]).toEqual([[["a", "b"], ["c"]], false]);
    asked.length = 0;
    await act(async () => void client.invalidateQueries());
    expect(asked).toEqual([undefined, "b"]);
  });
});

describe("sharing", () => {
  it("keeps what is equal and takes over what is not", () => {
    const known = { same: { list: [1, null, "x"] }, other: [1, 2] };
    const fresh = share(known, { same: { list: [1, null, "x"] }, other: [1, 3] }) as typeof known;
    expect(fresh).toEqual({ same: { list: [1, null, "x"] }, other: [1, 3] });
    expect(fresh.same).toBe(known.same);
    expect(share(known, { same: { list: [1, null, "x"] }, other: [1, 2] })).toBe(known);
  });

  it("sees what is missing, what is new, and a list in the place of an object", () => {
    expect(share({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 });
    expect(share({ a: undefined }, { b: undefined })).toEqual({ b: undefined });
    expect(share({ 0: "x" }, ["x"])).toEqual(["x"]);
    expect(share([1, 2, 3], [1, 2])).toEqual([1, 2]);
  });
});
