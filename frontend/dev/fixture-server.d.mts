import type { Server } from "node:http";

export interface Call {
  method: string;
  route: string;
  headers: Record<string, string>;
  body: Record<string, unknown> | null;
  query: Record<string, string>;
}

export type Scenario = "full" | "login" | "empty" | "error" | "stopped" | "slow" | "viewer" | "operator" | "changed" | "refused" | "trouble" | "crowd" | "raced" | "many" | "kinds" | "dense" | "calm" | "bare";
export const calls: Call[];
export const server: Server;
export function play(scenario: Scenario): void;
