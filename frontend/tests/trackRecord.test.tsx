import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";
import { splitTrackRecord } from "@/lib/trackRecord";
import type { Message } from "@/lib/types";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, servesCannedAnswers } from "./canned";

servesCannedAnswers();

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

test("the card says once, beside the prediction, how often its kind held", async () => {
  play("full");
  render(<PluginOptimizationDashboard />);
  const card = within(await screen.findByTestId("suggestion-orders-increase_workers", {}, SLOW));
  const line = card.getByText("Predictions of this kind held 7 of 9 times");
  expect(line.closest("ul")).toBeNull();
  expect(card.getByRole("list", { name: "Evidence" }).children).toHaveLength(3);
});
