import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { NoProblem } from "@/components/optimization/NoProblem";
import { LanguageProvider, MoreTexts } from "@/lib/i18n/context";
import { createQueryClient } from "@/lib/queries";
import { QueryClientProvider } from "@/lib/query/client";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

const UNUSUAL = { metric: "cpu_ratio", kind: "deviation", since: "2026-11-30T11:00:00Z" };

describe("what is unusual", () => {
  it("is called no problem by one click, and that is taken back by another", async () => {
    play("full");
    const user = userEvent.setup();
    const { rerender } = render(shown(null));
    await user.click(await screen.findByTestId("no-problem-cpu_ratio-deviation", {}, SLOW));
    await waitFor(() => expect(sent("POST", "/plugins/orders/anomalies/no-problem").map((call) => call.body)).toEqual([UNUSUAL]), SLOW);
    rerender(shown({ id: "fb_1", by: "kim", at: "2026-11-30T11:10:00Z" }));
    expect(screen.getByText(/Called no problem by kim/)).toBeTruthy();
    await user.click(screen.getByTestId("undo-no-problem-fb_1"));
    await waitFor(() => expect(sent("POST", "/anomaly-feedback/fb_1/undo")).toHaveLength(1), SLOW);
  });
});

const queries = createQueryClient();

function shown(feedback: Parameters<typeof NoProblem>[0]["feedback"]) {
  return (
    <QueryClientProvider client={queries}>
      <LanguageProvider waiting={null}>
        <MoreTexts of="plugin" waiting={null}>
          <NoProblem pluginId="orders" unusual={UNUSUAL} feedback={feedback} about="CPU usage is suddenly 80 %" />
        </MoreTexts>
      </LanguageProvider>
    </QueryClientProvider>
  );
}
