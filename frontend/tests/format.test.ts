import { describe, expect, it } from "vitest";
import { formatter } from "@/lib/format";
import type { Change } from "@/lib/types";
import { unitOf, valueText } from "@/lib/values";

const en = formatter("en");

describe("numbers for people", () => {
  it("show what was not measured as a dash, never as zero", () => {
    expect([en.percent(null), en.metric("workers", null), en.milliseconds(undefined), en.metric("cpu_ratio", NaN)]).toEqual(["–", "–", "–", "–"]);
    expect(en.percent(0)).toBe("0 %");
  });

  it("take the unit from the last word of the metric's name", () => {
    expect(en.metric("response_time_p95_seconds", 0.31)).toBe("310 ms");
    expect(en.metric("response_time_p95_seconds", 2.31)).toBe("2.31 s");
    expect(en.metric("queue_wait_seconds", 0.0664)).toBe("66 ms");
    expect(en.metric("queue_wait_seconds", 0.00664)).toBe("6.6 ms");
    expect(en.metric("queue_wait_seconds", 0.9997)).toBe("1 s");
    expect(formatter("ko").metric("queue_wait_seconds", 2.05)).toBe("2.05초");
    expect(en.metric("memory_bytes", 512 * 2 ** 20)).toBe("512 MiB");
    expect(en.metric("error_ratio", 0.074)).toBe("7.4 %");
    expect(en.metric("throughput_per_second", 14.2)).toBe("14.2 /s");
  });

  it("never cut whole digits", () => {
    expect(en.metric("requests", 12345)).toBe("12,345");
    expect(en.number(28_800, 4)).toBe("28,800");
  });

  it("say a change as a signed percentage, and nothing where there was nothing before", () => {
    expect(en.changed(2.31, 0.31)).toBe("−87 %");
    expect(en.changed(0.21, 0.28)).toBe("+33 %");
    expect(en.changed(0, 1)).toBe("–");
  });

  it("say the change of a share in points: 42 % to 99 % is no rise by 136 %", () => {
    expect(en.changed(0.42, 0.99, "cache_hit_ratio")).toBe("+57 pp");
    expect(formatter("ko").changed(0.2, 0, "error_ratio")).toBe("−20 %p");
    expect(en.changed(0.05, 0.05, "error_ratio")).toBe("0 pp");
  });

  it("give a time with its zone, and how long ago it was", () => {
    const now = Date.parse("2026-11-25T08:00:00.000Z");
    expect(en.time("2026-11-25T07:00:00.000Z")).toMatch(/25 Nov 2026 \d\d:00:00 \S+/);
    expect(en.ago("2026-11-25T07:59:48.000Z", now)).toBe("12 sec ago");
    expect(en.ago("2026-11-25T07:00:00.000Z", now)).toBe("1 hr ago");
    expect(formatter("ko").ago("2026-11-25T07:59:48.000Z", now)).toBe("12초 전");
  });
});

describe("values of knobs", () => {
  it("are written in the unit that the knob tells, or its name where it cannot be read any more", () => {
    const change = (knob: string, unit: string | null) => ({ knob, unit }) as unknown as Change;
    expect(valueText(20, unitOf(change("CPUQuota", null)), en)).toBe("20 %");
    expect(valueText(110, unitOf(change("cpu_percent", null)), en)).toBe("110 %");
    expect(valueText(150 * 2 ** 20, unitOf(change("MemoryMax", "bytes")), en)).toBe("150 MiB");
    expect(valueText("running", unitOf(change("ActiveState", null)), en)).toBe("running");
  });
});
