import { describe, expect, it } from "vitest";
import { courseDrawing, HEIGHT, PAD, WIDTH } from "@/features/incidents/courseDrawing";
import { closerOf, lookedAt, withRoom } from "@/features/plugin/closer";
import type { Anomalies, BandPoint, Episode } from "@/lib/pluginTypes";
import { bandTop, NOTHING_UNUSUAL, pieces, reader, unusualOf } from "@/lib/unusual";

const NOON = Date.parse("2026-11-30T12:00:00Z") / 1000;
const iso = (second: number) => new Date((NOON + second) * 1000).toISOString();
const point = (second: number): BandPoint => [iso(second), 10, 8, 12];
const episode = (since: number, until: number, metric = "cpu_ratio"): Episode => ({
  metric, kind: "deviation", since: iso(since), until: iso(until), text: "odd", feedback: null, value: 20, expected: 10, low: 8, high: 12,
});
const anomalies = (episodes: Episode[], points: BandPoint[] = [point(300), point(600), point(900)]): Anomalies => ({ step_seconds: 300, bands: { cpu_ratio: points }, episodes });

describe("what was expected", () => {
  it("is read by the step that holds a moment, and is unknown after the last and in gaps", () => {
    const at = reader([point(300), point(900)], 300);
    expect([at(NOON + 1), at(NOON + 300), at(NOON + 601), at(NOON + 900)].map((found) => found?.[0])).toEqual([iso(300), iso(300), iso(900), iso(900)]);
    expect([at(NOON), at(NOON + 450), at(NOON + 901)]).toEqual([null, null, null]);
  });

  it("is drawn in pieces, never over a gap", () => {
    expect(pieces([point(300), point(600), point(1500)], 300).map((piece) => piece.length)).toEqual([2, 1]);
    expect(pieces([], 300)).toEqual([]);
  });

  it("does not flatten the line, however wide it is", () => {
    expect(bandTop([point(300)], 10)).toBe(12);
    expect(bandTop([[iso(300), 10, 0, 1000]], 10)).toBe(40);
    expect([bandTop([point(300)], 0), bandTop([], 10)]).toEqual([12, 0]);
  });
});

describe("anomalous points", () => {
  const times = [100, 400, 700, 800, 1000].map((second) => NOON + second);

  it("lie within an episode and outside of what was expected", () => {
    const found = unusualOf("cpu_ratio", times, [20, 20, 20, 11, 20], anomalies([episode(300, 950)]));
    expect(found.places).toEqual([1, 2]);
    expect(found.episodes).toEqual([{ from: NOON + 300, to: NOON + 950 }]);
  });

  it("are all of an episode where nothing was expected yet, and never what was not measured", () => {
    expect(unusualOf("cpu_ratio", times, [20, null, 11, 20, 20], anomalies([episode(300, 950)], [])).places).toEqual([2, 3]);
  });

  it("are those of their own metric", () => {
    expect(unusualOf("cpu_ratio", times, [20, 20, 20, 20, 20], anomalies([episode(0, 2000, "memory_bytes")])).places).toEqual([]);
    expect(unusualOf("cpu_ratio", times, [20], undefined)).toBe(NOTHING_UNUSUAL);
  });
});

describe("the picture of a finding", () => {
  const seen = { times: [NOON + 50, NOON + 150], values: [5, 10], unusual: unusualOf("cpu_ratio", [NOON + 50, NOON + 150], [5, 10], anomalies([episode(0, 200)])), onset: NOON + 100, changes: [NOON + 20, NOON + 20], from: NOON, to: NOON + 200 };

  it("has time along and zero at the bottom, and ends where its stretch ends", () => {
    const drawing = courseDrawing(seen);
    expect(drawing.onset).toBe(WIDTH / 2);
    expect(drawing.changes).toHaveLength(1);
    const corners = drawing.band.flatMap((polygon) => polygon.split(" ").map((corner) => corner.split(",").map(Number)));
    expect(Math.max(...corners.map(([x]) => x ?? 0))).toBeLessThanOrEqual(WIDTH - PAD);
    expect(Math.min(...corners.map(([, y]) => y ?? 0))).toBeGreaterThanOrEqual(PAD - 1);
    expect(drawing.points).toEqual([[154, expect.any(Number)]]);
    expect(courseDrawing({ ...seen, values: [0, 0], unusual: NOTHING_UNUSUAL }).line).toContain(` ${(HEIGHT - PAD).toFixed(1)}`);
  });
});

describe("a closer look", () => {
  it("is drawn as levels, the shape that was sought, and the times alike", () => {
    const found = closerOf({
      metric: "cpu_ratio", step_seconds: 60, shape: [iso(60), iso(120)], alike: [{ since: iso(0), until: iso(60), correlation: 0.9 }],
      segments: [{ since: iso(0), until: iso(60), level: 1, spread: 0, change: null }, { since: iso(60), until: iso(120), level: 3, spread: 0, change: 2 }],
    });
    expect(found.levels.map(({ level }) => level)).toEqual([1, 3]);
    expect(found.alike).toEqual([{ from: NOON + 60, to: NOON + 120 }, { from: NOON, to: NOON + 60 }]);
  });

  it("takes in a day at least, and shows a stretch with room around it", () => {
    expect(lookedAt(1e9 - 1000, 1e9)).toEqual({ from: 1e9 - 86_400_000, to: 1e9 });
    expect(lookedAt(0, 1e9)).toEqual({ from: 0, to: 1e9 });
    expect(withRoom({ since: iso(0), until: iso(100) })).toEqual({ from: (NOON - 50) * 1000, to: (NOON + 150) * 1000 });
  });
});
