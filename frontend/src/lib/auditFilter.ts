/** Which entries of the audit are looked at, as it stands in the address of its page. */

import type { AuditFilter } from "./auditTypes";
import { viewAddress } from "./urlState";
import { WHOLE_LIST } from "./listView";

const PARTS = ["actor", "action", "subject", "entry"] as const;

export function parseAuditFilter(text: string | null | undefined): AuditFilter {
  const query = new URLSearchParams(text ?? "");
  return Object.fromEntries(PARTS.map((part) => [part, query.get(part)]).filter(([, value]) => value));
}

export function writeAuditFilter(filter: AuditFilter): string | null {
  return new URLSearchParams({ ...filter }).toString() || null;
}

/** Return the address of one entry and those before it. */
export function auditAddress(entry: number): string {
  return viewAddress({ tab: "audit", plugin: null, page: null, execution: null, list: WHOLE_LIST, filter: writeAuditFilter({ entry: String(entry) }) });
}
