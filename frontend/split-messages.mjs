/**
 * Split `ko.json` and `en.json` in two: what the first screen shows, and the rest, which is fetched when a text of it is first
 * wanted. What belongs to the first screen follows from the code: the texts of every file that is reached from its
 * entries by plain imports. Written to `.messages/` before each build, check and test; src/lib/i18n holds what is written by hand.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const SOURCE = path.join(import.meta.dirname, "src");
const PARTS = path.join(import.meta.dirname, ".messages");
/** What stands on the first screen at once; and the stop dialog, which must be complete when the server no longer answers. */
const ENTRIES = [
  "components/PluginOptimizationDashboard.tsx",
  "features/keyboard/Foot.tsx", "features/session/StopDialog.tsx",
];
const IMPORT = /^(?:import|export)\s+(?!type\b)[^;]*?\bfrom\s+"(?<wanted>[^"]+)"/gm;

/** Return the files that the entries reach by plain imports, the entries included. */
export function reached(entries = ENTRIES.map((name) => path.join(SOURCE, name))) {
  const files = new Set();
  const open = [...entries];
  for (let file = open.pop(); file; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const { groups } of readFileSync(file, "utf8").matchAll(IMPORT)) open.push(...located(groups.wanted, file));
  }
  return [...files].sort();
}

function located(wanted, from) {
  const base = wanted.startsWith("@/") ? path.join(SOURCE, wanted.slice(2)) : path.resolve(path.dirname(from), wanted);
  if (!wanted.startsWith("@/") && !wanted.startsWith(".")) return [];
  return [".ts", ".tsx", "/index.ts", "/index.tsx"].map((end) => base + end).filter(existsSync).slice(0, 1);
}

/** Return whether a message is named in this code, by itself or by the beginning of its name: `metric.${name}`. */
export function namedIn(code) {
  const families = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map(([, beginning]) => beginning);
  return (key) => code.includes(`"${key.replace(/_(one|other)$/, "")}"`) || families.some((beginning) => key.startsWith(beginning));
}

export function splitMessages() {
  const isFirst = namedIn(reached().map((file) => readFileSync(file, "utf8")).join("\n"));
  mkdirSync(PARTS, { recursive: true });
  for (const lang of ["ko", "en"]) {
    const messages = Object.entries(JSON.parse(readFileSync(path.join(SOURCE, `lib/i18n/${lang}.json`), "utf8")));
    write(`${lang}.first.json`, messages.filter(([key]) => isFirst(key)));
    write(`${lang}.rest.json`, messages.filter(([key]) => !isFirst(key)));
  }
}

/** Write only what differs, so that nothing is built anew for it. */
function write(name, messages) {
  const file = path.join(PARTS, name);
  const text = `${JSON.stringify(Object.fromEntries(messages), null, 1)}\n`;
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

if (process.argv[1] === import.meta.filename) splitMessages();
