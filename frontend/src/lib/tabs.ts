/** The views of the dashboard as the address names them; `components/dashboardTabs.tsx` says what each shows, and to whom. */
export const TAB_NAMES = ["overview", "incidents", "history", "policies", "notifications", "access", "engine", "audit"] as const;
export type TabName = (typeof TAB_NAMES)[number];

/** Return the view an address asks for; the first one where it names none of ours. */
export function tabNamed(text: string | null): TabName {
  return TAB_NAMES.find((name) => name === text) ?? TAB_NAMES[0];
}
