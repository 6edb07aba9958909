import { expect, test } from "vitest";
import { splitTrackRecord } from "@/lib/trackRecord";
import type { Message } from "@/lib/types";

const said = (code: string): Message => ({ code, params: {}, text: code });

test("how well predictions held stands apart from the reasons", () => {
  for (const code of ["predictions_held", "predictions_widened"]) {
    const { record, reasons } = splitTrackRecord([said("requests_wait"), said(code), said("replayed")]);
    expect(record?.code).toBe(code);
    expect(reasons.map((message) => message.code)).toEqual(["requests_wait", "replayed"]);
  }
});

test("without a record nothing is said of it", () => {
  expect(splitTrackRecord([said("requests_wait")])).toEqual({ record: null, reasons: [said("requests_wait")] });
  expect(splitTrackRecord([])).toEqual({ record: null, reasons: [] });
});
