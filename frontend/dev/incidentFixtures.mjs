// Canned answers about incidents, bands and closer looks, in the shape of docs/API.md. Invented figures.

import { BASE } from "./plugin-fixtures.mjs";

const both = (lang, ko, en) => (lang === "en" ? en : ko);
const at = (secondsAgo) => new Date(Date.now() - secondsAgo * 1000).toISOString();
const message = (code, text) => ({ code, params: {}, text });

let words = []; // what was called no problem

export function reset() {
  words = [];
}

function finding(kind, metric, severity, since, value, limit, text, evidence = []) {
  return { kind, metric, severity, score: 0.9, since: at(since), value, limit, text, evidence: evidence.map((each, index) => message(`evidence_${index}`, each)) };
}

const part = (plugin_id, after_seconds, found) => ({ plugin_id, after_seconds, finding: found });
const begun = Math.floor(Date.now() / 60_000); // ids stay while this process lives

function open(lang) {
  const b = (ko, en) => both(lang, ko, en);
  const waits = finding("saturation", "queue_wait_seconds", "critical", 840, 1.2, 0.3, b("요청이 워커를 평균 1.2초 기다립니다 (기준 0.3초)", "Requests wait 1.2 s for a worker (limit 0.3 s)"), [b("워커가 시간의 97 %를 일합니다", "Workers are busy 97 % of the time")]);
  const slow = finding("threshold", "response_time_p95_seconds", "critical", 815, 2.31, 1, b("응답 시간 p95가 2.31초입니다 (기준 1초)", "Response time p95 is 2.31 s (limit 1 s)"));
  const jump = finding("deviation", "throughput_per_second", "warning", 5400, 18, 15, b("처리량이 갑자기 초당 18건으로 벗어났습니다(예상 범위의 끝 초당 15건)", "Throughput is suddenly 18 /s, outside what was expected (to 15 /s)"), [b("이 시간대에는 초당 12건이 예상되었습니다(범위 9~15)", "12 /s was expected at this hour (9 to 15)")]);
  const quiet = finding("shift", "cpu_ratio", "info", 9000, 0.12, 0.3, b("CPU 사용률의 수준이 12 %로 바뀌었습니다", "The level of CPU usage moved to 12 %"));
  return [
    {
      id: `orders-saturation-${begun}`, severity: "critical", since: waits.since, plugin_ids: ["orders", "menu"], text: `orders: ${waits.text}`,
      parts: [part("orders", 0, waits), part("orders", 25, slow), part("menu", 48, { ...slow, severity: "warning", text: b("응답 시간 p95가 1.1초입니다 (기준 1초)", "Response time p95 is 1.1 s (limit 1 s)") })],
      changes: [{ at: at(870), kind: "setting", text: b("외부 변경 workers: 4 → 2", "Changed from outside workers: 4 → 2"), execution_id: null, by: null, audit_number: null }],
    },
    { id: `reservations-deviation-${begun}`, severity: "warning", since: jump.since, plugin_ids: ["reservations"], text: `reservations: ${jump.text}`, parts: [part("reservations", 0, jump)], changes: [] },
    { id: `reports-shift-${begun}`, severity: "info", since: quiet.since, plugin_ids: ["reports"], text: `reports: ${quiet.text}`, parts: [part("reports", 0, quiet)], changes: [] },
  ];
}

const PAST = 60;

function past(lang) {
  const b = (ko, en) => both(lang, ko, en);
  return Array.from({ length: PAST }, (_, index) => {
    const ago = 14_400 + index * 30_000;
    const plugin = ["orders", "reservations", "menu"][index % 3];
    const slow = finding("threshold", "response_time_p95_seconds", index % 4 === 3 ? "critical" : "warning", ago, 1.9, 1, b("응답 시간 p95가 1.9초입니다 (기준 1초)", "Response time p95 is 1.9 s (limit 1 s)"), [b("20분 가운데 17분 동안 기준을 넘었습니다", "Over the limit in 17 of 20 minutes")]);
    const jump = finding("deviation", "throughput_per_second", "info", ago, 3.1, 9, b("처리량이 갑자기 초당 3.1건으로 벗어났습니다(예상 범위의 끝 초당 9건)", "Throughput is suddenly 3.1 /s, outside what was expected (to 9 /s)"));
    const first = index % 3 === 1 ? jump : slow;
    return {
      id: `in_${index}`, severity: index % 3 === 1 ? "info" : slow.severity, since: first.since, until: at(ago - 1260), duration_seconds: 1260, plugin_ids: [plugin], text: `${plugin}: ${first.text}`,
      parts: [part(plugin, 0, first), ...(index === 0 ? [part(plugin, 60, jump)] : [])],
      changes: index === 0 ? [{ at: at(ago + 95), plugin_id: plugin, knob: "workers", before: 4, after: 2, by: "outside" }] : [],
      executions: index === 0 ? [{ id: "ex_1", plugin_id: plugin, suggestion_type: "increase_workers", text: b("워커를 2개에서 4개로 늘리세요", "Raise workers from 2 to 4"), at: at(ago - 600), state: "succeeded", state_text: b("성공", "Succeeded"), result: "success", approved_by: "admin" }] : [],
    };
  });
}

const RANKS = ["info", "warning", "critical"];

function fits(query) {
  const [from, to, least] = [Date.parse(query.get("from")), Date.parse(query.get("to")), RANKS.indexOf(query.get("severity"))];
  return ({ plugin_ids: plugins, severity, since }) => (!query.get("plugin_id") || plugins.includes(query.get("plugin_id"))) && RANKS.indexOf(severity) >= least
    && !(Date.parse(since) < from) && !(Date.parse(since) >= to);
}

/** Return status, answer and headers; null for what is no question about incidents. */
export function incidents(method, route, query, body, lang, scenario) {
  const [, room, id, name] = route.split("/");
  const none = scenario === "empty";
  if (room === "incidents" && !id) return [200, none ? [] : open(lang)];
  if (route === "/incidents/past") {
    const found = none ? [] : past(lang).filter(fits(query));
    const begin = query.get("after") ? found.findIndex((each) => each.id === query.get("after")) + 1 : 0;
    return [200, found.slice(begin, begin + Number(query.get("limit") ?? 100)), { "Total-Count": String(found.length) }];
  }
  if (room === "incidents") return one(past(lang).find((each) => each.id === name));
  if (room === "anomaly-feedback" && method === "POST") return [200, undo(id)];
  if (room === "anomaly-feedback") return [200, words];
  if (method === "POST" && route.endsWith("/anomalies/no-problem")) return [200, say(id, body)];
  if (route.endsWith("/drill")) return scenario === "bare" ? [501, NOT_INSTALLED] : [200, drill(query)];
  return null;
}

const NOT_INSTALLED = {
  title: "Not Implemented", code: "not_installed", detail: "stumpy is not installed here; pip install 'plugin-optimizer[analysis]'", install: "pip install 'plugin-optimizer[analysis]'",
};

function one(found) {
  return found ? [200, found] : [404, { title: "Not Found", detail: "no such incident", code: "not_found" }];
}

function say(plugin_id, { metric, kind, since }) {
  const word = { id: `fb_${words.length}`, plugin_id, metric, kind, since, at: at(0), by: "admin", undone_at: null };
  words = [word, ...words];
  return word;
}

function undo(id) {
  words = words.map((word) => (word.id === id ? { ...word, undone_at: at(0) } : word));
  return words.find((word) => word.id === id);
}

function drill(query) {
  const [from, to] = [Date.parse(query.get("from")), Date.parse(query.get("to"))];
  const place = (share) => new Date(from + share * (to - from)).toISOString();
  const usual = BASE[query.get("metric")] ?? 1;
  const segment = (begin, end, share, step) => ({ since: place(begin), until: place(end), level: share * usual, spread: share * usual * 0.08, change: step === null ? null : step * usual });
  return {
    metric: query.get("metric"), step_seconds: 60,
    segments: [segment(0, 0.4, 1.1, null), segment(0.4, 0.985, 1.5, 0.4), segment(0.985, 0.993, 1.3, -0.2), segment(0.993, 1, 0.6, -0.7)],
    shape: [place(0.94), place(0.99)],
    alike: [{ since: place(0.52), until: place(0.6), correlation: 0.97 }, { since: place(0.11), until: place(0.19), correlation: 0.86 }],
  };
}
