import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { api } from "@/lib/api";
import { calls, play, server } from "../dev/fixture-server.mjs";

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  document.documentElement.dataset.apiBase = `http://127.0.0.1:${port}/api/plugin-optimization`;
});
afterAll(() => void server.close());

describe("a page that refreshes itself", () => {
  it("says so where nobody has touched it for a minute, so that it keeps no session alive", async () => {
    play("full");
    const touched = Date.now();
    window.dispatchEvent(new Event("keydown"));
    await api.fleet();
    vi.spyOn(Date, "now").mockReturnValue(touched + 120_000);
    await api.fleet();
    window.dispatchEvent(new Event("pointerdown"));
    await api.fleet();
    expect(calls.map((call) => call.headers["x-unattended"])).toEqual([undefined, "1", undefined]);
  });

  it("never says so of what a person does", async () => {
    play("full");
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 600_000);
    await api.stop("");
    expect(calls[0]?.headers["x-unattended"]).toBeUndefined();
  });
});
