import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { calls, server } from "../dev/fixture-server.mjs";

export const SLOW = { timeout: 30_000 };
export const sent = (method: string, route: string) => calls.filter((call) => call.method === method && call.route === route);

/** Starts a real server on loopback with canned answers; nothing between the page and the network is replaced. */
export function servesCannedAnswers() {
  beforeAll(async () => {
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    document.documentElement.dataset.apiBase = `http://127.0.0.1:${port}/api/plugin-optimization`;
  });
  afterAll(() => void server.close());
  beforeEach(() => localStorage.setItem("po-lang", "en"));
}
