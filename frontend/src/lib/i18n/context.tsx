"use client";

import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { speak } from "@/lib/api";
import { formatter, type Formatter } from "@/lib/format";
import { useSetting } from "@/lib/settings";
import { loadMessages, loadMoreMessages, translator, type Lang, type Messages, type Part, type Translate } from "./messages";

interface Language {
  lang: Lang;
  setLang: (lang: Lang) => void;
  t: Translate;
  format: Formatter;
  messages: Messages;
}

const LanguageContext = createContext<Language | null>(null);

export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (!language) throw new Error("useLanguage needs a LanguageProvider above it");
  return language;
}

/** Show `waiting` until the texts of the remembered language are there, then the children. */
export function LanguageProvider({ children, waiting }: { children: ReactNode; waiting: ReactNode }) {
  const [lang, setLang] = useSetting("po-lang", ["ko", "en"] as const);
  const [loaded, setLoaded] = useState<{ lang: Lang; messages: Messages } | null>(null);

  useEffect(() => {
    let current = true;
    void loadMessages(lang).then((messages) => current && setLoaded({ lang, messages }));
    return () => void (current = false);
  }, [lang]);

  const language = useMemo(() => {
    if (!loaded) return null;
    speak(loaded.lang);
    return {
      lang: loaded.lang,
      setLang,
      t: translator(loaded.lang, loaded.messages),
      format: formatter(loaded.lang),
      messages: loaded.messages,
    };
  }, [loaded, setLang]);

  useEffect(() => {
    if (!language) return;
    document.documentElement.lang = language.lang;
    document.title = language.t("app.title");
  }, [language]);

  if (!language) return waiting;
  return <LanguageContext value={language}>{children}</LanguageContext>;
}

/** Add the texts of some pages to those that are there; show `waiting` until they have come. */
export function MoreTexts({ of, children, waiting }: { of: Part; children: ReactNode; waiting: ReactNode }) {
  const language = useLanguage();
  const { lang, messages } = language;
  const [more, setMore] = useState<{ lang: Lang; messages: Messages } | null>(null);

  useEffect(() => {
    let current = true;
    void loadMoreMessages(of, lang).then((loaded) => current && setMore({ lang, messages: loaded }));
    return () => void (current = false);
  }, [of, lang]);

  const t = useMemo(() => (more?.lang === lang ? translator(lang, { ...messages, ...more.messages }) : null), [lang, messages, more]);
  if (!t) return waiting;
  return <LanguageContext value={{ ...language, t }}>{children}</LanguageContext>;
}
