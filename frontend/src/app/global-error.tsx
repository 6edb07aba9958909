"use client";

import text from "@/lib/i18n/crash.json"; // by itself: this file is part of every first load

/** Replaces the framework's own page, whose inline styles a strict content security policy refuses. */
export default function GlobalError() {
  return (
    <html lang="ko">
      <body><main className="page"><p role="alert">{text.crash}</p></main></body>
    </html>
  );
}
