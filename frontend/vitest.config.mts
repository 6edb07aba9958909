import path from "node:path";
import { defineConfig } from "vitest/config";
import { splitMessages } from "./split-messages.mjs";

splitMessages();

export default defineConfig({
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    testTimeout: 90_000, // the machine may be busy; each wait inside a test has its own deadline
  },
});
