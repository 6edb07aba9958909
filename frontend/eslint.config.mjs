import nextCoreWebVitals from "eslint-config-next/core-web-vitals";
import nextTypescript from "eslint-config-next/typescript";

const config = [
  { ignores: [".next/**", "out/**", "node_modules/**", "next-env.d.ts"] },
  ...nextCoreWebVitals,
  ...nextTypescript,
  {
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: true }],
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXText[value=/[A-Za-z\\uac00-\\ud7a3]{2}/]",
          message: "Texts stand in src/lib/i18n/ko.json and en.json.",
        },
      ],
    },
  },
  {
    // A query library would be a tenth of the first load; src/lib/query does what this page needs.
    files: ["src/**/*.{ts,tsx}", "tests/**/*.{ts,tsx}"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group: ["@tanstack/*"], message: "Use src/lib/query: useAnswer, usePages, useMutation." }] }] },
  },
  {
    // Ground rules of the layers: parts know no feature, features do not know each other.
    files: ["src/components/**/*.{ts,tsx}"],
    ignores: ["src/components/PluginOptimizationDashboard.tsx", "src/components/Overview.tsx", "src/components/OnePlugin.tsx"], // what composes them
    rules: { "no-restricted-imports": ["error", { patterns: ["@/features/*", "@tanstack/*"] }] },
  },
  {
    files: ["src/features/**/*.{ts,tsx}"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@/features/*", "../*", "@tanstack/*"] }] },
  },
];

export default config;
