// A development aid, not shipped: serves `out/` as the product does (same content security policy) with canned answers.
// node dev/fixture-server.mjs [port] [scenario], scenario: full | login | empty | error | stopped | slow | viewer |
// operator | changed | refused | trouble | crowd | raced | many | kinds | dense | calm | bare

import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import * as accessFixtures from "./accessFixtures.mjs";
import * as fixtures from "./fixtures.mjs";
import * as fleet from "./fleet.mjs";
import * as incidentFixtures from "./incidentFixtures.mjs";
import * as kindFixtures from "./kindFixtures.mjs";
import * as notificationFixtures from "./notificationFixtures.mjs";
import * as policyFixtures from "./policyFixtures.mjs";
import { pluginGroups } from "./policyGroupFixtures.mjs";
import * as pages from "./plugin-fixtures.mjs";

const OUT = path.resolve(import.meta.dirname, "../out");
const BASE = "/api/plugin-optimization";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/x-component" };

/** Every request so far, for tests. */
export const calls = [];
let scenario = "full";
let stop = null; // the emergency stop
let gone = new Set(); // what was closed
let fresh = false; // whether the password was given lately

export function play(name) {
  scenario = name;
  calls.length = 0;
  stop = name === "trouble" ? fixtures.stopped("kim", "재고 서비스가 느려짐 · checkout is failing") : null;
  fresh = false;
  gone = new Set();
  policyFixtures.reset();
  accessFixtures.reset();
  notificationFixtures.reset();
  incidentFixtures.reset();
}

export const server = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/__scenario") return void (play(url.search.slice(1)), response.end(scenario));
  if (url.pathname.startsWith(BASE)) return void answer(request, response, url);
  serve(response, url.pathname);
});

if (process.argv[1] === import.meta.filename) {
  const [port = "4173", name = "full"] = process.argv.slice(2);
  play(name);
  server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/plugin-optimization/ (${name})`));
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, { ...headers, "Content-Type": status < 400 ? "application/json" : "application/problem+json" }).end(JSON.stringify(body));
}

async function answer(request, response, url) {
  const route = url.pathname.slice(BASE.length);
  const lang = url.searchParams.get("lang") ?? "ko";
  const text = (await request.toArray()).join("");
  const body = text ? JSON.parse(text) : null;
  calls.push({ method: request.method, route, headers: request.headers, body, query: Object.fromEntries(url.searchParams) });
  if (route === "/session") return session(request, response, body);
  if (route === "/session/confirm") return confirm(response, body);
  if (route === "/emergency-stop" && request.method !== "GET") return emergencyStop(response, request.method, body);
  if (scenario === "slow") return;
  if (scenario === "error") return send(response, 503, { title: "unavailable", detail: "the database is locked", code: "busy" });
  if (route === "/events") return events(response);
  if (route === "/emergency-stop") return send(response, 200, stop ?? fixtures.notStopped);
  if (route.endsWith("/dry-run")) return send(response, 200, fixtures.rehearsal(route.split("/")[2], lang, scenario === "refused"));
  if (scenario === "changed" && body?.revision === 3) return send(response, 412, { title: "changed", detail: "revision 4", code: "stale" });
  if (scenario === "refused" && route.startsWith("/execute/")) return send(response, 409, { title: "Conflict", detail: "Changes are made only within: Mon-Fri 22:00-06:00 Asia/Seoul", code: "rail_window" });
  const policy = policyFixtures.policies(request.method, route, request.headers, body, lang) ?? pluginGroups(request.method, route, body);
  if (policy) return send(response, ...policy);
  const access = accessFixtures.access(request.method, route, body);
  if (access) return send(response, ...access);
  const notification = notificationFixtures.notifications(request.method, route, url, body, lang, scenario);
  if (notification) return send(response, ...notification);
  const incident = incidentFixtures.incidents(request.method, route, url.searchParams, body, lang, scenario);
  if (incident) return send(response, ...incident);
  if (route === "/executions") return needing(response, url, lang);
  if (route === "/plugins") return pluginPage(response, url, lang);
  if (route.endsWith("/close")) return close(response, route.split("/")[2], body, lang);
  if (request.method !== "GET") return send(response, 202, { success: true, message: "ok", execution_id: "ex_3", state: "queued" });
  const found = lookUp(route, url, lang);
  return found ? send(response, 200, found) : send(response, 404, { title: "not found", detail: `nothing at ${route}`, code: "not_found" });
}

function waiting(lang) {
  const found = scenario === "trouble" || scenario === "crowd" || scenario === "raced" ? fixtures.needing(lang, scenario === "crowd") : [];
  return found.filter((run) => !gone.has(run.id));
}

function needing(response, url, lang) {
  const found = waiting(lang);
  response.setHeader("Total-Count", String(found.length));
  send(response, 200, found.slice(0, Number(url.searchParams.get("limit"))));
}

function listed(lang) {
  const plugins = scenario === "empty" ? [] : [...fixtures.plugins(lang), ...(scenario === "kinds" ? kindFixtures.kinds(lang) : [])];
  return scenario === "many" ? fleet.crowd(plugins) : plugins;
}

function pluginPage(response, url, lang) {
  const { rows, total } = fleet.page(listed(lang), url.searchParams);
  response.setHeader("Total-Count", String(total));
  send(response, 200, rows);
}

function close(response, id, body, lang) {
  if (scenario === "raced") return send(response, 409, { title: "Conflict", detail: "the state of this one is ‘Undoing’", code: "not_closable" });
  const run = waiting(lang).find((entry) => entry.id === id);
  gone.add(id);
  send(response, 200, fixtures.closed(run, body.note, lang));
}

function session(request, response, body) {
  if (request.method === "DELETE") scenario = "login";
  if (request.method === "POST" && body?.password === "right") scenario = "full";
  else if (request.method === "POST" && body?.password === "often") {
    response.setHeader("Retry-After", "42");
    return send(response, 429, { title: "too many", detail: "too many attempts", code: "too_many" });
  } else if (request.method === "POST") {
    return send(response, 401, { title: "unauthorized", detail: "username or password is wrong", code: "wrong_credentials" });
  }
  const inside = scenario !== "login";
  send(response, 200, { logged_in: inside, name: inside ? "admin" : null, role: inside ? (scenario === "viewer" || scenario === "operator" ? scenario : "admin") : null, login_required: true, login_url: null, csrf_token: "t0", lang: "ko" });
}

function confirm(response, body) {
  if (body?.password !== "right") return send(response, 403, { title: "Forbidden", detail: "this is not the password", code: "password_wrong" });
  fresh = true;
  send(response, 200, { logged_in: true, name: "admin", role: "admin", login_required: true, login_url: null, csrf_token: "t0", lang: "ko" });
}

function emergencyStop(response, method, body) {
  if (method === "DELETE" && !fresh) return send(response, 403, { title: "Forbidden", detail: "give your password", code: "fresh_login_required" });
  stop = method === "POST" ? fixtures.stopped("admin", body.reason) : null;
  send(response, 200, stop ?? fixtures.notStopped);
}

function events(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  let version = 1;
  const timer = scenario === "dense" ? undefined : setInterval(() => response.write(`event: version\ndata: {"version": ${version++}}\n\n`), 2000);
  response.write(": hello\n\n");
  response.on("close", () => clearInterval(timer));
}

function lookUp(route, url, lang) {
  const [, room, id, part] = route.split("/");
  const empty = scenario === "empty";
  const filter = url.searchParams.get("plugin_id");
  if (room === "health") return fixtures.health(lang, scenario === "stopped");
  if (room === "doctor") return fixtures.doctor(lang);
  const plugins = listed(lang);
  if (room === "fleet") return id === "groups" ? fleet.groups(plugins, url.searchParams) : fleet.fleet(plugins, empty ? 0 : 3, empty ? 0 : 1);
  if (room === "plugins" && part === "metrics") return fixtures.course(url.searchParams.get("metric"));
  if (room === "plugins" && part === "chart") return pages.chart(url.searchParams, lang, scenario, id);
  if (room === "plugins" && part === "forecast") return pages.forecast(lang, scenario);
  if (room === "plugins" && part === "anomalies") return pages.anomalies(url.searchParams, lang, id, scenario);
  if (room === "plugins" && part === "anatomy") return pages.anatomy(id, lang, scenario);
  if (room === "plugins" && part === "curves") return pages.curves(id, lang);
  if (room === "plugins") return fixtures.pluginDetail(id, lang);
  if (room === "suggestions" && url.searchParams.get("state") === "quarantined") return scenario === "trouble" ? fixtures.resting(lang) : [];
  if (room === "suggestions" && url.searchParams.get("state") === "snoozed") return empty || scenario === "calm" ? [] : fixtures.snoozed(lang);
  const suggestions = fixtures.suggestions(lang, scenario === "changed" && calls.some((call) => call.route.startsWith("/execute/")));
  if (room === "suggestions" && id) return suggestions.find((suggestion) => suggestion.id === id);
  if (room === "suggestions") return empty ? [] : suggestions.filter(({ plugin_id }) => [null, plugin_id].includes(url.searchParams.get("plugin_id")));
  if (room === "audit" && id) return fixtures.auditCheck(lang, scenario !== "trouble");
  if (room === "audit") return fixtures.audit(Number(url.searchParams.get("before") ?? 121), Number(url.searchParams.get("limit")), url.searchParams);
  if (room === "track-record") return fixtures.trackRecord(lang);
  if (room === "calibration") return fixtures.calibration(lang);
  if (room === "history") return empty ? [] : [...(scenario === "trouble" ? fixtures.troubles(lang).map((run) => (gone.has(run.id) ? fixtures.closed(run, "", lang) : run)) : []), ...fixtures.executions(lang)].filter((run) => (scenario !== "calm" || run.finished_at !== null) && (!filter || run.plugin_id === filter) && (!url.searchParams.get("result") || run.result === url.searchParams.get("result")));
  if (room === "executions") return fixtures.executionDetail(id, lang);
  return null;
}

function serve(response, pathname) {
  // As the product does: the assets are built beside the pages and asked for below their path.
  let file = path.join(OUT, path.normalize(decodeURIComponent(pathname.replace("/plugin-optimization/_next/", "/_next/"))));
  if (existsSync(file) && statSync(file).isDirectory()) file = path.join(file, "index.html");
  const status = existsSync(file) ? 200 : 404;
  if (status === 404) file = path.join(OUT, "404.html");
  const body = readFileSync(file);
  const headers = { "Content-Type": `${TYPES[path.extname(file)] ?? "application/octet-stream"}; charset=utf-8` };
  if (file.endsWith(".html")) headers["Content-Security-Policy"] = policy(body.toString("utf8"));
  response.writeHead(status, headers).end(body);
}

function policy(html) {
  const hashes = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)]
    .map(([, text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  return `default-src 'self'; script-src 'self' ${hashes.join(" ")}; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'`;
}
