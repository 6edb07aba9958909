import type { Suggestion } from "./types";

/**
 * Tell whether one click is enough: the change can be taken back exactly and its risk is not high. Where it is not
 * known whether it can be taken back, it is asked.
 */
export function needsDialog({ risk, details, requires_revision: mustBeRead }: Suggestion): boolean {
  return risk === "high" || mustBeRead || details.change?.reversibility !== "reversible";
}
