import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import en from "@/lib/i18n/en.json";
import ko from "@/lib/i18n/ko.json";
import "@/styles/tokens.css";
import "@/styles/base.css";
import "@/styles/parts.css";
import "@/styles/overview.css";
import "@/styles/suggestions.css";
import "@/styles/executions.css";
import "@/styles/panel.css";
import "@/styles/stop.css";

export const metadata: Metadata = {
  title: ko["app.title"],
  description: `${ko["app.description"]} ${en["app.description"]}`, // one document for both languages: the reader's is known in the browser only
  robots: { index: false },
  icons: { icon: { url: "/plugin-optimization/icon.svg", type: "image/svg+xml", sizes: "any" } },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f6f7f9" },
    { media: "(prefers-color-scheme: dark)", color: "#101317" },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="ko" suppressHydrationWarning>
      <head>
        {/* It must run before the first paint, and a strict content security policy allows no inline script. */}
        {/* eslint-disable-next-line @next/next/no-sync-scripts */}
        <script src="/plugin-optimization/theme-init.js" />
      </head>
      <body>{children}</body>
    </html>
  );
}
