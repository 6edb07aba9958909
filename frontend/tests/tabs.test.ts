import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { laterApi } from "@/lib/laterApi";
import type { LiveMode } from "@/lib/live/connection";
import { electByMessages, SILENT_MS } from "@/lib/live/election";
import { join } from "@/lib/live/join";
import { crash, locks, noBrowser, oneBrowser, openChannels, Stream } from "./tabs";

interface Tab {
  mode: LiveMode | null;
  changes: number;
  close: () => void;
}

function tab(name = "here"): Tab {
  const one: Tab = { mode: null, changes: 0, close: () => undefined };
  one.close = join(name, { mode: (mode) => (one.mode = mode), changed: () => (one.changes += 1) });
  return one;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const tabs = (n: number) => Array.from({ length: n }, () => tab());

async function open(): Promise<Stream> {
  const [stream, ...more] = Stream.living;
  if (!stream || more.length > 0) throw new Error(`${Stream.living.length} streams`);
  stream.open();
  await pass(1);
  return stream;
}

beforeEach(() => {
  oneBrowser();
  vi.spyOn(laterApi, "answers").mockResolvedValue(true);
});
afterEach(noBrowser);

describe.each([{ how: "by locks", prepare: locks }, { how: "by messages", prepare: () => undefined }])("ten tabs that share $how", ({ prepare }) => {
  beforeEach(prepare);

  it("hold one stream, and all hear of every change and of its state", async () => {
    const all = tabs(10);
    await pass(1000);
    const stream = await open();
    stream.dispatchEvent(new Event("version"));
    await pass(1);
    expect(all.map(({ mode }) => mode)).toEqual(Array(10).fill("stream"));
    expect(all.map(({ changes }) => changes)).toEqual(Array(10).fill(1));
    const late = tab();
    await pass(1);
    expect(late.mode).toBe("stream");
    await pass(10_000);
    expect(Stream.living).toHaveLength(1);
    [...all, late].forEach(({ close }) => close());
    await pass(1);
    expect(Stream.living).toHaveLength(0);
  });

  it("hand the stream over when the leading one goes, one after the other", async () => {
    const all = tabs(4);
    await pass(1000);
    for (const left of [3, 2, 1]) {
      const stream = await open();
      const gone = all.shift();
      gone?.close();
      if (stream.readyState !== Stream.CLOSED) continue; // it did not lead
      await pass(1000);
      expect(Stream.living).toHaveLength(1);
      expect(all).toHaveLength(left);
    }
    all.forEach(({ close }) => close());
  });

  it("are apart from the tabs of another installation", async () => {
    const [here, there] = [tab("here"), tab("there")];
    await pass(1000);
    expect(Stream.living).toHaveLength(2);
    here.close();
    there.close();
  });
});

describe("an election by messages", () => {
  let leading = new Set<number>();
  const leave: (() => void)[] = [];
  const take = (number: number) => {
    const before = openChannels();
    leave[number] = electByMessages("po", () => {
      leading.add(number);
      return () => void leading.delete(number);
    });
    return openChannels().filter((channel) => !before.includes(channel));
  };

  beforeEach(() => (leading = new Set()));

  it("finds one leader however many begin at once or come later", async () => {
    for (let number = 0; number < 6; number += 1) take(number);
    await pass(5000);
    expect(leading.size).toBe(1);
    const [first] = leading;
    for (let number = 6; number < 9; number += 1) take(number);
    await pass(5000);
    expect([...leading]).toEqual([first]); // nobody takes over from a leader that is well
    leave.forEach((go) => go());
  });

  it("finds a new one when the leader crashes without a word", async () => {
    const channels = [take(0), take(1), take(2)];
    await pass(5000);
    const [crashed] = leading as Set<0 | 1 | 2>;
    crash(channels[crashed as number] ?? []);
    leading.clear();
    await pass(SILENT_MS + 1000);
    expect(leading.size).toBe(1);
    expect(leading.has(crashed as number)).toBe(false);
    leave.forEach((go) => go());
  });
});
