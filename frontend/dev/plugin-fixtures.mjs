// Canned answers for the page of one plugin, in the shape of docs/API.md. Invented figures.

import { MEASURED, RARE, room } from "./kindFixtures.mjs";

const both = (lang, ko, en) => (lang === "en" ? en : ko);
const message = (code, text) => ({ code, params: {}, text });
const iso = (at) => new Date(at).toISOString();
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

export const BASE = {
  cpu_cores: 0.5, cpu_ratio: 0.42, memory_bytes: 8e7, memory_ratio: 0.21, worker_memory_bytes: 4e7, error_ratio: 0.01, response_time_seconds: 0.45, response_time_p50_seconds: 0.36,
  response_time_p95_seconds: 1.3, response_time_p99_seconds: 2.1, queue_wait_seconds: 0.3, service_time_seconds: 0.16, throughput_per_second: 12, requests: 60, workers: 2, busy_ratio: 0.8, restarts: 0, up: 1,
};
const STEADY = new Set(["workers", "up", "restarts"]);

function column(metric, level, begin, step, points, every) {
  return Array.from({ length: points }, (_, i) => {
    const at = begin / 1000 + i * step;
    if ((i > points * 0.42 && i < points * 0.45) || (Math.round(at / step)) % every) return null;
    const shape = STEADY.has(metric) ? 1 : (1 + 0.25 * Math.sin(at / 300) + 0.12 * Math.sin(at * 1.7)) * (i < points * 0.7 ? 1.5 : 0.6);
    return Number((level * shape).toPrecision(6));
  });
}

const DENSE_POINTS = 2_000;

/** Twenty metrics of 2,000 points, one new point each time they are asked for: the measure of what charts cost. */
function dense(rest) {
  const step = 1;
  const first = Math.floor(Date.now() / 1000) - DENSE_POINTS;
  const begin = rest ? Math.round(Date.parse(rest) / 1000) : first;
  const points = rest ? 3 : DENSE_POINTS;
  const value = (metric, at) => Number((2 + metric / 10 + Math.sin(at / 90 + metric) + 0.2 * Math.sin(at * 1.7)).toPrecision(6));
  const names = [...Object.keys(BASE), "cache_hit_ratio", "other_seconds"].slice(0, 20);
  return {
    from: iso(begin * 1000), to: iso((begin + points) * 1000), step_seconds: step, sample_seconds: step, compared: null, onsets: [],
    series: Object.fromEntries(names.map((name, metric) => [name, Array.from({ length: points }, (_, i) => value(metric, begin + i))])),
    marks: rest ? [] : Array.from({ length: 8 }, (_, n) => ({ at: iso((begin + 200 + n * 230) * 1000), kind: n % 2 ? "setting" : "execution", text: `workers: ${n} → ${n + 1}`, execution_id: null, by: "admin", audit_number: null })),
  };
}

/** A grid like the server's: its edges are whole multiples of the step. */
export function chart(query, lang, scenario, id) {
  if (scenario === "dense") return dense(query.get("step_seconds") && query.get("from"));
  const [from, to] = [Date.parse(query.get("from")), Date.parse(query.get("to"))];
  const wanted = (to - from) / 1000 / Number(query.get("points"));
  const step = Number(query.get("step_seconds")) || (STEPS.find((each) => each >= Math.max(1, wanted)) ?? 7200);
  const begin = Math.floor(from / 1000 / step) * step * 1000;
  const points = Math.ceil((to - begin) / 1000 / step);
  const columns = (moved) => Object.fromEntries(Object.entries(MEASURED[id] ?? BASE).map(([metric, level]) => [metric, column(metric, level, begin - moved, step, points, RARE[id] ?? 1)]));
  const place = (part) => iso(begin + part * (to - begin));
  const mark = (part, kind, ko, en, execution_id = null, by = null) => ({ at: place(part), kind, text: both(lang, ko, en), execution_id, by, audit_number: kind === "policy" ? 87 : null });
  const onset = (part, metric, severity, present, ko, en) => ({ at: place(part), kind: "saturation", metric, severity, text: both(lang, ko, en), present });
  return {
    from: iso(begin), to: iso(begin + points * step * 1000), step_seconds: step, sample_seconds: 5,
    series: scenario === "empty" ? {} : columns(0),
    compared: Number(query.get("shift_seconds")) ? columns(Number(query.get("shift_seconds")) * 1000) : null,
    marks: query.get("step_seconds") ? [] : [
      mark(0.12, "deployment", "배포 또는 전체 재시작(새 워커 2개)", "Deployed or restarted as a whole (2 new workers)"),
      mark(0.3, "setting", "외부 변경 cache_size: 64 → 128", "Changed from outside cache_size: 64 → 128"),
      mark(0.31, "policy", "정책 변경: 응답 시간 기준", "Policy changed: response time", null, "kim"),
      mark(0.52, "restart", "재시작", "Restart"),
      mark(0.7, "execution", "workers: 2 → 4", "workers: 2 → 4", "ex_1", "admin"),
      mark(0.9, "rollback", "되돌림 workers: 4 → 2", "Undone workers: 4 → 2", "ex_2"),
    ],
    onsets: query.get("step_seconds") ? [] : [
      onset(0.2, "response_time_p95_seconds", "warning", false, "응답 시간 p95가 1.9초입니다 (기준 1초)", "Response time p95 is 1.9 s (limit 1 s)"),
      onset(0.55, "queue_wait_seconds", "critical", true, "요청이 워커를 평균 1.2초 기다립니다 (기준 0.3초)", "Requests wait 1.2 s for a worker (limit 0.3 s)"),
    ],
  };
}

const BAND_MS = 300_000;

/** When metrics were not as they used to be, and what was expected of two of them. */
export function anomalies(query, lang, id, scenario) {
  if (scenario === "empty") return { step_seconds: 300, bands: {}, episodes: [] };
  const [from, to] = [Date.parse(query.get("from")), Date.parse(query.get("to"))];
  const place = (part) => iso(from + part * (to - from));
  const metric = MEASURED[id] ? Object.keys(MEASURED[id])[0] : "throughput_per_second";
  const episode = (part, kind, ko, en) => ({ metric, kind, since: place(part), until: place(part + 0.1), score: 1.4, value: 3.1, expected: 12, low: 9, high: 15, text: both(lang, ko, en), feedback: null });
  const first = Math.ceil(from / BAND_MS) * BAND_MS;
  const count = Math.max(0, Math.floor((to - first) / BAND_MS) + 1);
  const band = (level) => Array.from({ length: count }, (_, index) => {
    const expected = level * (1 + 0.12 * Math.sin((first + index * BAND_MS) / 9e6));
    return [iso(first + index * BAND_MS), expected, expected * 0.72, expected * 1.28];
  });
  return { step_seconds: 300, bands: scenario === "dense" ? {} : { [metric]: band((MEASURED[id] ?? BASE)[metric] * 1.25), ...(MEASURED[id] ? {} : { cpu_ratio: band(0.5) }) }, episodes: [
    episode(0.36, "deviation", "처리량이 갑자기 초당 3.1건으로 벗어났습니다(예상 범위의 끝 초당 9건)", "Throughput is suddenly 3.1/s (edge of what was expected: 9/s)"),
    episode(0.62, "shift", "처리량의 수준이 초당 18건으로 바뀌었습니다", "The level of throughput moved to 18/s"),
  ] };
}

export function forecast(lang, scenario) {
  const now = Date.now();
  if (scenario === "empty") return { at: iso(now), probability: 0.8, bands: {}, why_not: message("too_young_to_foretell", both(lang, "앞을 내다보려면 20분 넘게 측정해야 합니다.", "A forecast needs 20 minutes of measurements.")) };
  const minutes = [1, 2, 5, 10, 15, 20, 30, 45, 60];
  const band = (metric) => ({
    rests_on: "changes", days: 0,
    points: minutes.map((ahead) => [iso(now + ahead * 60_000), BASE[metric] * 0.6, BASE[metric] * (0.6 - 0.05 * Math.sqrt(ahead)), BASE[metric] * (0.6 + 0.07 * Math.sqrt(ahead))]),
  });
  return { at: iso(now), probability: 0.8, bands: Object.fromEntries(Object.keys(BASE).filter((metric) => !STEADY.has(metric)).map((metric) => [metric, band(metric)])), why_not: null };
}

const parts = (queue_ratio, cpu_wait_ratio, cpu_ratio) => ({ queue_ratio, cpu_wait_ratio, cpu_ratio, off_cpu_ratio: 1 - queue_ratio - cpu_wait_ratio - cpu_ratio });

export function anatomy(id, lang, scenario) {
  const now = Date.now();
  const ends = { from: iso(now - 1_800_000), to: iso(now) };
  if (scenario === "empty" || id === "inventory") {
    return { ...ends, requests: 0, span_seconds: 0, parts: null, mean_queue_seconds: null, p95_seconds: null, load_workers: null, utilisation_ratio: null, bottleneck: null, routes: [], failed: [], why_not: message("no_requests_recorded", both(lang, "이 구간에 기록된 요청이 없습니다.", "No requests are on record for this stretch.")) };
  }
  const group = { fingerprint: "a1", exception: "ValueError", message: "invalid party size: ''", frames: ["reservations/app.py:41 create_reservation", "reservations/forms.py:17 parse_party"], first_seen: iso(now - 3_100_000), last_seen: iso(now - 8_000), requests: 412, of_failed_ratio: 0.93, of_all_ratio: 0.071, since: iso(now - 3_060_000), causes: [message("error_since", both(lang, "51분 전부터 요청 5,802건 중 412건이 실패했습니다", "412 of 5,802 requests failed since 51 minutes ago")), message("setting_changed_before", both(lang, "그 4초 전에 strict_party 설정이 False에서 True로 바뀌었습니다", "4 s before, strict_party changed from False to True"))] };
  const bare = { ...group, fingerprint: "0", exception: null, message: null, frames: [], first_seen: null, last_seen: null, requests: 31, of_failed_ratio: 0.07, of_all_ratio: 0.005, causes: [message("no_change_found", both(lang, "그 무렵 바뀐 설정을 찾지 못했습니다", "No setting was seen to change about then"))] };
  return {
    ...ends, requests: 5802, span_seconds: 1790, parts: parts(0.58, 0.06, 0.11), mean_queue_seconds: 0.31, p95_seconds: 1.31, load_workers: 1.7, utilisation_ratio: 0.3,
    bottleneck: message("limited_by_workers", both(lang, "워커가 모자라 기다립니다", "Requests wait for a worker")),
    routes: [
      { route: "/orders/<int:number>", requests: 3120, time_ratio: 0.61, mean_seconds: 0.4, p95_seconds: 1.2, parts: parts(0.5, 0.05, 0.1) },
      { route: "/orders", requests: 2440, time_ratio: 0.35, mean_seconds: 0.36, p95_seconds: 1.5, parts: parts(0.7, 0.05, 0.2) },
      { route: "/health", requests: 242, time_ratio: 0.04, mean_seconds: 0.2, p95_seconds: 0.9, parts: parts(0.95, 0, 0.03) },
    ],
    failed: id === "reservations" ? [group, bare] : [], why_not: null,
  };
}

export function curves(id, lang) {
  const computed = { plugin_id: id, computed_at: iso(Date.now() - 12_000), kept_seconds: 30 };
  if (MEASURED[id]) {
    const why = id === "mailer" ? message("planned_as_queue", both(lang, "작업 대기열로 따로 계산합니다", "Planned as a queue of tasks")) : message("no_probe", both(lang, "요청 기록(프로브)이 없어 예측할 수 없습니다", "No request record (probe), so nothing can be predicted"));
    return { ...computed, workers: null, workers_why_not: why, caches: [], caches_why_not: message("no_cache", both(lang, "알려진 캐시가 없습니다", "No cache is known")), ...room(id, lang) };
  }
  if (id === "inventory") return { ...computed, cache_server: null, cache_server_why_not: null, workers: null, workers_why_not: message("too_little_data", both(lang, "아직 데이터가 부족합니다: 요청 41건 / 필요 300건", "Too little data yet: 41 requests of 300")), caches: [], caches_why_not: message("no_cache", both(lang, "알려진 캐시가 없습니다", "No cache is known")) };
  const seconds = [9.8, 2.31, 0.62, 0.31, 0.27, 0.26, 0.26, 0.26];
  const point = (p95, index) => ({ workers: index + 1, mean_seconds: p95 * 0.4, p95_seconds: p95, low_seconds: p95 * 0.9, high_seconds: p95 * 1.15, planned_p95_seconds: p95 * 1.2 });
  const ratio = (size) => 0.96 * (1 - Math.exp(-size / 210));
  const sizes = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 640, 768, 1024];
  return {
    ...computed,
    workers: { knob: "workers", present: 2, suggested: id === "orders" ? 4 : null, enough: 3, most: 9, slo_seconds: 1, planned_load_ratio: 1.1, points: seconds.map(point), requests: 5802, span_seconds: 590, error_ratio: 0.021 },
    workers_why_not: null,
    caches: [{ cache: "menu", knob: "menu.size", present: 128, suggested: null, enough: 768, observed_hit_ratio: 0.44, model_hit_ratio: ratio(128), distinct_keys: 1210, accesses: 14000, processes: 2, entry_bytes: 1800, points: sizes.map((size) => ({ size_entries: size, hit_ratio: ratio(size), low: ratio(size) - 0.01, high: Math.min(1, ratio(size) + 0.03) })) }],
    caches_why_not: null, cache_server: null, cache_server_why_not: null,
  };
}
