import type { Message } from "./types";

const CODES = new Set(["predictions_held", "predictions_widened"]);

/** How well predictions of this kind held belongs beside the prediction; the rest of the evidence says why to change. */
export function splitTrackRecord(evidence: Message[]): { record: Message | null; reasons: Message[] } {
  return {
    record: evidence.find((message) => CODES.has(message.code)) ?? null,
    reasons: evidence.filter((message) => !CODES.has(message.code)),
  };
}
