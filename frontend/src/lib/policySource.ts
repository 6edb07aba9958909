/** Where the value of a policy comes from, and where it is changed. Pure. */

import { WHOLE_LIST } from "./listView";
import { groupTarget } from "./policyGroups";
import type { PolicyView } from "./policyTypes";
import { viewAddress } from "./urlState";

export const EVERYONE = "default";

/** Return the address of the policy of a plugin, of a group (`group:NAME`), or of everyone. */
export function policyAddress(target: string): string {
  return viewAddress({ tab: "policies", plugin: target === EVERYONE ? null : target, page: null, execution: null, list: WHOLE_LIST });
}

/** Return whose policy gives this value; null where that is on no page: built in, or in the configuration file for all or for one plugin. */
export function giverOf(view: PolicyView, field: string): string | null {
  switch (view.source[field]) {
    case "plugin": return view.plugin_id;
    case "default": return EVERYONE;
    case "group":
    case "group_file": return groupTarget(view.source_group[field] ?? "");
    default: return null;
  }
}

export function isBuiltIn(view: PolicyView, field: string): boolean {
  return (view.source[field] ?? "built_in") === "built_in";
}
