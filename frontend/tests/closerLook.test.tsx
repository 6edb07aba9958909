import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import CloserLook from "@/features/plugin/CloserLook";
import type { Drill } from "@/lib/drillTypes";
import { LanguageProvider, MoreTexts } from "@/lib/i18n/context";
import { createQueryClient } from "@/lib/queries";
import { QueryClientProvider } from "@/lib/query/client";
import { play } from "../dev/fixture-server.mjs";
import { SLOW, sent, servesCannedAnswers } from "./canned";

servesCannedAnswers();

const DAY_MS = 86_400_000;

/** Without the chart beside it, which needs a canvas; tests/browser has both. */
function look(metric: string) {
  const told: (Drill | null)[] = [];
  const zoom = { to: vi.fn(), by: vi.fn(), out: vi.fn() };
  const now = Date.now() / 1000;
  const onFound = (found: Drill | null) => void told.push(found);
  const { unmount } = render(
    <QueryClientProvider client={createQueryClient()}>
      <LanguageProvider waiting={null}>
        <MoreTexts of="plugin" waiting={null}>
          <CloserLook pluginId="orders" metric={metric} from={now - 1800} to={now} zoom={zoom} onFound={onFound} />
        </MoreTexts>
      </LanguageProvider>
    </QueryClientProvider>,
  );
  return { told, zoom, unmount, user: userEvent.setup() };
}

describe("a closer look", () => {
  it("is asked for once, over a day at least, and tells of levels and of times alike", async () => {
    play("full");
    const { told, zoom, unmount, user } = look("throughput_per_second");
    const found = await screen.findByTestId("closer-throughput_per_second", {}, SLOW);
    await waitFor(() => expect(found.textContent).toContain("Its level changed 3 times"), SLOW);
    expect(found.textContent).toContain("97 % alike");
    const [asked, ...more] = sent("GET", "/plugins/orders/drill");
    expect(more).toEqual([]);
    expect(Date.parse(asked?.query.to ?? "") - Date.parse(asked?.query.from ?? "")).toBe(DAY_MS);
    expect(told.at(-1)?.segments).toHaveLength(4);
    await user.click(screen.getAllByRole("button", { name: /^Show/ })[0] as HTMLElement);
    expect(zoom.to).toHaveBeenCalledOnce();
    unmount();
    expect(told.at(-1)).toBeNull();
  });

  it("says the one line that unlocks it where its packages are missing, and asks again", async () => {
    play("bare");
    const { user } = look("cpu_ratio");
    expect((await screen.findByTestId("drill-missing", {}, SLOW)).textContent).toContain("pip install 'plugin-optimizer[analysis]'");
    play("full");
    await user.click(screen.getByRole("button", { name: "Ask again" }));
    expect(await screen.findByText(/Its level changed/, {}, SLOW)).toBeTruthy();
  });
});
