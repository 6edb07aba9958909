"use client";

import "@/styles/access.css";
import { useLanguage } from "@/lib/i18n/context";
import { Sessions } from "./Sessions";
import { Tokens } from "./Tokens";
import { Users } from "./Users";

/** Who may act, and who is inside now? */
export default function AccessPage() {
  const { t } = useLanguage();
  return (
    <>
      <h1 className="visually-hidden">{t("app.title")}</h1>
      <Tokens />
      <Sessions />
      <Users />
    </>
  );
}
