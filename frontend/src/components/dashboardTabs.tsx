"use client";

import { lazy, type ComponentType } from "react";
import { Overview } from "@/components/Overview";
import { Waiting } from "@/components/Waiting";
import { MoreTexts } from "@/lib/i18n/context";
import { withTexts, type MessageKey, type Part } from "@/lib/i18n/messages";
import { TAB_NAMES, type TabName } from "@/lib/tabs";
import type { Role } from "@/lib/types";
import type { Show, View } from "@/lib/urlState";

export interface PageProps {
  view: View;
  show: Show;
}

interface DashboardTab {
  label: MessageKey;
  /** The least role that sees it. */
  for: "everyone" | Role;
  page: ComponentType<PageProps>;
}

/** Return the page with the texts that stand in `administration.ko.json` and `.en.json`, or in those of another part. */
function withMoreTexts(Page: ComponentType<PageProps>, part: Part = "administration"): ComponentType<PageProps> {
  return function WithMoreTexts(props: PageProps) {
    return <MoreTexts of={part} waiting={<Waiting />}><Page {...props} /></MoreTexts>;
  };
}

/**
 * One line for each view: its label, who may see it, and its page. Every page but the first is a chunk of its own: the
 * first load holds only what the first screen needs. The order is that of `TAB_NAMES`.
 */
export const TABS: Readonly<Record<TabName, DashboardTab>> = {
  overview: { label: "tab.overview", for: "everyone", page: Overview },
  incidents: { label: "tab.incidents", for: "everyone", page: withMoreTexts(lazy(withTexts(() => import("@/features/incidents/IncidentsPage"))), "plugin") },
  history: { label: "tab.history", for: "everyone", page: lazy(withTexts(() => import("@/features/history/HistoryTab"))) },
  policies: { label: "tab.policies", for: "everyone", page: withMoreTexts(lazy(withTexts(() => import("@/features/policies/PoliciesPage")))) },
  notifications: {
    label: "tab.notifications", for: "operator", page: withMoreTexts(lazy(withTexts(() => import("@/features/notifications/NotificationsPage")))),
  },
  access: { label: "tab.access", for: "admin", page: withMoreTexts(lazy(withTexts(() => import("@/features/access/AccessPage")))) },
  engine: { label: "tab.engine", for: "everyone", page: withMoreTexts(lazy(withTexts(() => import("@/features/engine/EnginePage")))) },
  audit: { label: "tab.audit", for: "admin", page: withMoreTexts(lazy(withTexts(() => import("@/features/audit/AuditTab")))) },
};

const RANKS: readonly ("everyone" | Role)[] = ["everyone", "viewer", "operator", "admin"];

/** Return the views that a role may see; the server answers nobody else. */
export function tabsFor(role: Role | null | undefined): readonly TabName[] {
  const rank = RANKS.indexOf(role ?? "everyone");
  return TAB_NAMES.filter((name) => RANKS.indexOf(TABS[name].for) <= rank);
}
