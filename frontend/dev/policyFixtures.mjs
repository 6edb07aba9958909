// Policies and their previews for the fixture server: kept as the product keeps them, previews with invented figures.

import { readFileSync } from "node:fs";
import path from "node:path";

import { groups, resetGroups } from "./policyGroupFixtures.mjs";

const known = JSON.parse(readFileSync(path.join(import.meta.dirname, "policies.json"), "utf8")); // as `GET /policies` answers
const at = () => new Date().toISOString();
const both = (lang, ko, en) => (lang === "en" ? en : ko);
const PREVIEW_LOOKS = 3; // so often it is asked for until it is done

let stored;
let previews;

export function reset() {
  stored = { default: {}, orders: { max_workers: 8, mode: "automatic" } };
  previews = new Map();
  resetGroups();
}

/** Somebody else changes a policy. */
export function meddle(target, changes) {
  stored[target] = { ...stored[target], ...changes };
}

function view(target) {
  const group = groups.get("shop");
  const member = group !== undefined && ["cart", "menu"].includes(target);
  const inherited = target === "default" ? known.default : { ...known.default, ...stored.default, ...(member ? stored["group:shop"] : {}) };
  const own = stored[target] ?? {};
  const source = Object.fromEntries(Object.keys(inherited).map((name) => [name, name in own ? (target === "default" ? "default" : "plugin") : name in stored.default ? "default" : "built_in"]));
  const given = Object.keys(target === "group:shop" || member ? stored["group:shop"] ?? {} : {}).filter((name) => !member || !(name in own));
  for (const name of given) source[name] = "group";
  const source_group = Object.fromEntries(given.map((name) => [name, "shop"]));
  return { plugin_id: target, policy: { ...inherited, ...own }, origin: {}, source, source_group, groups: member ? ["shop"] : [], inherited, own: Object.keys(own).sort() };
}

const etag = (target) => `"${Buffer.from(JSON.stringify(view(target))).toString("base64").slice(-24)}"`;

/** Return [status, body, headers] of an answer, null where the address is none of these. */
export function policies(method, route, headers, body, lang) {
  const [, room, target, part] = route.split("/").map(decodeURIComponent);
  if (room === "policy-previews") return previewAnswer(method, target, lang);
  if (room !== "policies") return null;
  if (!target) return [200, { default: view("default").policy, plugins: { orders: view("orders").policy }, schema: known.schema[lang] }];
  if (part === "consequences") return [200, consequences(target, body)];
  if (target === "group:" || (target.startsWith("group:") && !groups.has(target.slice(6)))) return [404, { title: "Not Found", detail: target, code: "not_found" }];
  if (part === "preview") return startPreview(target, body);
  if (method === "PATCH") {
    if (headers["if-match"] !== etag(target)) return [412, { title: "Precondition Failed", detail: "somebody changed this", code: "stale" }, { ETag: etag(target) }];
    if ((body.min_workers ?? 0) > view(target).policy.max_workers) {
      const text = both(lang, `${body.min_workers}은 최대 워커 수 8을 넘습니다`, `${body.min_workers} is more than the most workers, 8`);
      return [400, { title: "Bad Request", detail: text, code: "invalid_setting", errors: [{ field: "min_workers", plugin_id: null, code: "policy_above_max_workers", text }] }];
    }
    stored[target] = Object.fromEntries(Object.entries({ ...stored[target], ...body }).filter(([, value]) => value !== null));
  }
  return [200, view(target), { ETag: etag(target) }];
}

function consequences(target, changes) {
  const fields = Object.fromEntries(Object.entries(changes).map(([name, after]) => [name, { before: view(target).policy[name], after }]));
  const plugins = (target.startsWith("group:") ? ["cart", "mail"] : [target]).map((plugin_id) => ({ plugin_id, fields }));
  const keeping = target.startsWith("group:") ? [{ plugin_id: "orders", origin: Object.fromEntries(Object.keys(changes).map((name) => [name, "plugin"])) }] : [];
  return { plugin_id: target, changed: plugins.length, kept: keeping.length, plugins, keeping, joining: [], leaving: [] };
}

function startPreview(target, body) {
  const running = [...previews.values()].find((preview) => preview.looks < PREVIEW_LOOKS);
  if (running) return [409, { title: "Conflict", detail: "a preview is being computed", code: "preview_running", preview_id: running.id }];
  const id = `pv_${previews.size + 1}`;
  previews.set(id, { id, plugin_id: target, changes: body.changes, days: body.days, etag: etag(target), actor: "admin", at: at(), looks: 0, cancelled: false });
  return [202, shown(previews.get(id), "en")];
}

function previewAnswer(method, id, lang) {
  if (!id) return [200, [...previews.values()].reverse().map((preview) => ({ ...shown(preview, lang), result: null }))];
  const preview = previews.get(id);
  if (!preview) return [404, { title: "Not Found", detail: id, code: "not_found" }];
  if (method === "DELETE") preview.cancelled = true;
  preview.looks += 1;
  return [200, shown(preview, lang)];
}

function shown({ looks, cancelled, ...preview }, lang) {
  const state = cancelled ? "cancelled" : looks < PREVIEW_LOOKS ? "running" : "done";
  return { ...preview, state, progress: Math.min(1, looks / PREVIEW_LOOKS), course: course(Math.min(looks, PREVIEW_LOOKS)), reason: null, result: state === "done" ? result(lang, preview.changes) : null, links: {} };
}

function course(looks) {
  return { share: looks / PREVIEW_LOOKS, answer: "first", policy: "proposed", looks, of_looks: PREVIEW_LOOKS, suggestions: looks, executed: 0 };
}

function line(plugin, text, done, before, after) {
  return {
    plugin_id: plugin, description: text, opened_at: at(), would_be_done: done, held_last: null,
    estimate: before ? { slow_minutes_avoided: 41, p95_seconds: { recorded: before, replayed: after } } : null,
  };
}

function result(lang, changes) {
  const bold = changes.mode === "automatic";
  const none = { suggestions: 9, executed: 0, kept: 0, undone: 0, estimated: 0, slow_minutes_avoided: null, worker_hours_added: 0, memory_added_bytes_at_end: 0 };
  const done = { at: at(), kept: true, assumed: false };
  const more = both(lang, "워커를 2개에서 4개로 늘리세요", "Use 4 workers instead of 2");
  const fewer = both(lang, "워커를 8개에서 5개로 줄이세요", "Use 5 workers instead of 8");
  return {
    since: at(), until: at(), history_days: 5.2, looks: 749, present: none,
    proposed: bold ? { ...none, executed: 4, kept: 3, undone: 1, estimated: 4, slow_minutes_avoided: 212, worker_hours_added: -31.5, memory_added_bytes_at_end: -7.1e7 } : none,
    different: bold ? 2 : 0, left_out: 0,
    suggestions: bold ? [
      { difference: "executed", present: line("orders", more, null, 2.3, 0.31), proposed: line("orders", more, done, 2.3, 0.31) },
      { difference: "executed", present: line("menu", fewer, null, 0.18, 0.21), proposed: line("menu", fewer, done, 0.18, 0.21) },
    ] : [],
    notes: [
      { code: "preview_short_history", text: both(lang, "요청한 7일 중 5.2일의 기록만 있습니다", "Only 5.2 d of the 7 d asked for are on record") },
      { code: "preview_looks", text: both(lang, "10분 간격으로 749번 살펴보았습니다. 그보다 짧은 과부하는 보이지 않을 수 있습니다", "749 looks, one every 10 min: shorter overloads may be missed") },
    ],
  };
}

reset();
