"use client";

import { createContext, Suspense, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { speak } from "@/lib/api";
import { formatter, type Formatter } from "@/lib/format";
import { useSetting } from "@/lib/settings";
import { load, loadMessages, loadRest, translator, type Lang, type Part, type Translate } from "./messages";

interface Language {
  lang: Lang;
  setLang: (lang: Lang) => void;
  t: Translate;
  format: Formatter;
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
  const [loaded, setLoaded] = useState<Lang | null>(null);

  useEffect(() => {
    let current = true;
    // Not at once: the first look at the setting is the server's, and is corrected before this function ends.
    queueMicrotask(() => current && void loadMessages(lang).then(() => current && setLoaded(lang)));
    return () => void (current = false);
  }, [lang]);
  useEffect(fetchRestEarly, []);

  const language = useMemo(() => {
    if (!loaded) return null;
    speak(loaded);
    return { lang: loaded, setLang, t: translator(loaded), format: formatter(loaded) };
  }, [loaded, setLang]);

  useEffect(() => {
    if (language) document.documentElement.lang = language.lang;
  }, [language]);

  if (!language) return waiting;
  return <LanguageContext value={language}><Suspense fallback={waiting}>{children}</Suspense></LanguageContext>;
}

const SIGNS = ["pointermove", "pointerdown", "keydown", "focusin"];

/** A further page or a dialog will be wanted soon: at once where the address names one, else when the reader moves. */
function fetchRestEarly(): () => void {
  const fetch = () => {
    leave();
    void loadRest().catch(() => undefined);
  };
  const leave = () => SIGNS.forEach((sign) => window.removeEventListener(sign, fetch));
  SIGNS.forEach((sign) => window.addEventListener(sign, fetch, { passive: true }));
  if (window.location.search) fetch();
  return leave;
}

/** Fetch the texts of some pages besides; show `waiting` until they have come. */
export function MoreTexts({ of, children, waiting }: { of: Part; children: ReactNode; waiting: ReactNode }) {
  const { lang } = useLanguage();
  const [loaded, setLoaded] = useState<Lang | null>(null);

  useEffect(() => {
    let current = true;
    void load(lang, of).then(() => current && setLoaded(lang));
    return () => void (current = false);
  }, [of, lang]);

  return loaded === lang ? children : waiting;
}
