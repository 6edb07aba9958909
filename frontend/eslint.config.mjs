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
    // Ground rules of the layers: parts know no feature, features do not know each other.
    files: ["src/components/**/*.{ts,tsx}"],
    ignores: ["src/components/PluginOptimizationDashboard.tsx", "src/components/Overview.tsx"], // what composes them
    rules: { "no-restricted-imports": ["error", { patterns: ["@/features/*"] }] },
  },
  {
    files: ["src/features/**/*.{ts,tsx}"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@/features/*", "../*"] }] },
  },
];

export default config;
