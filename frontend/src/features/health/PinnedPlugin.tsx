"use client";

import type { ReactNode } from "react";
import { useLanguage } from "@/lib/i18n/context";
import { useNamedPlugin } from "@/lib/pluginPages";
import { COLUMNS } from "./ColumnHeads";
import { PluginRow } from "./PluginRow";

interface Props {
  id: string;
  onClose: () => void;
  panel: (id: string) => ReactNode;
}

/** The plugin that the address names, on top of a list in which it stands somewhere else, or nowhere. */
export function PinnedPlugin({ id, onClose, panel }: Props) {
  const { t } = useLanguage();
  const found = useNamedPlugin(id);
  if (found.data?.rows.length === 0) {
    return <tr role="row"><td role="cell" colSpan={COLUMNS.length} className="list-nothing">{t("plugins.unknown", { plugin: id })}</td></tr>;
  }
  return <PluginRow plugin={found.data?.rows[0]} line={null} tabStop open onOpen={onClose} panel={panel} />;
}
