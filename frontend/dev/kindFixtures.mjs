// Canned plugins of every kind that is not a gunicorn, for looking at their pages. Invented figures, in the shape of docs/API.md.

const at = (secondsAgo) => new Date(Date.now() - secondsAgo * 1000).toISOString();
const both = (lang, ko, en) => (lang === "en" ? en : ko);
const message = (code, text) => ({ code, params: {}, text });
const MEBIBYTE = 1 << 20;

/** What each kind is measured by, about which values. */
export const MEASURED = {
  sessions: {
    cache_hit_ratio: 0.65, cache_entries: 11_800, evictions_per_second: 38, expiring_ratio: 0.42, memory_bytes: 1.34e7, memory_ratio: 0.006, fragmentation_ratio: 1.28, response_time_seconds: 0.00041,
    throughput_per_second: 1240, requests: 6200, error_ratio: 0, cpu_cores: 0.07, cpu_ratio: 0.07, restarts: 0, up: 1,
  },
  fragments: { cache_hit_ratio: 0.91, cache_entries: 3_400, evictions_per_second: 0, memory_bytes: 6.1e7, memory_ratio: 0.03, response_time_seconds: 0.0002, throughput_per_second: 310, requests: 1550, cpu_cores: 0.01, cpu_ratio: 0.0025, restarts: 0, up: 1 },
  mailer: {
    queue_length_tasks: 14, queue_wait_seconds: 3.2, service_time_seconds: 1.9, response_time_seconds: 5.1, throughput_per_second: 1.05, requests: 5, busy_ratio: 0.97, workers: 2, error_ratio: 0.012, cpu_cores: 0.4, cpu_ratio: 0.2,
    memory_bytes: 1.9e8, memory_ratio: 0.09, worker_memory_bytes: 6.2e7, restarts: 0, up: 1,
  },
  "search-api": { response_time_p95_seconds: 0.42, response_time_p50_seconds: 0.11, response_time_p99_seconds: 0.8, response_time_seconds: 0.16, error_ratio: 0.002, throughput_per_second: 44, requests: 220, workers: 3, busy_ratio: 0.5, cpu_ratio: 0.61, cpu_cores: 1.2, memory_bytes: 3.1e8, memory_ratio: 0.15, worker_memory_bytes: 1.1e8, restarts: 0, up: 1 },
  "shop.cart": { response_time_p95_seconds: 1.9, response_time_p50_seconds: 0.31, response_time_p99_seconds: 3.4, response_time_seconds: 0.52, service_time_seconds: 0.5, error_ratio: 0.021, throughput_per_second: 6.2, requests: 31, cpu_cores: 0.31, up: 1 },
  billing: { response_time_seconds: 0.31, error_ratio: 0.004, throughput_per_second: 2.1, up: 1 },
};
export const RARE = { billing: 6 }; // measured once in so many buckets

const KINDS = { sessions: "redis", fragments: "memcached", mailer: "celery", "search-api": "uvicorn", "shop.cart": "blueprint", billing: "reported" };
const HEALTH = { sessions: "warning", mailer: "critical", "shop.cart": "warning" };

function finding(kind, metric, severity, value, limit, text) {
  return { kind, metric, severity, score: 0.8, since: at(700), value, limit, text };
}

function findings(id, b) {
  if (id === "sessions") return [finding("cache", "cache_hit_ratio", "warning", 0.65, 0.92, b("캐시가 작아 적중률이 65 %에 그칩니다(한도 10 MiB, 더 크면 92 %까지 가능)", "The cache is too small: it answers 65 % (limit 10 MiB, up to 92 % with more)"))];
  if (id === "mailer") return [finding("saturation", "queue_wait_seconds", "critical", 3.2, 1, b("작업이 3.2초 기다립니다(기준 1초)", "Tasks wait 3.2 s (limit 1 s)"))];
  if (id === "shop.cart") return [finding("shift", "response_time_p95_seconds", "warning", 1.9, 1.2, b("응답 시간(p95)의 수준이 1.9초로 바뀌어 그대로 이어지고 있습니다", "The level of response time (p95) moved to 1.9 s and stays there"))];
  return [];
}

export function kinds(lang) {
  const b = (ko, en) => both(lang, ko, en);
  return Object.keys(KINDS).map((id) => {
    const figures = MEASURED[id];
    return {
      plugin_id: id, status: "active", since: at(7200), stale: false, touchpoint: KINDS[id], labels: {}, cpu_usage: figures.cpu_ratio === undefined ? null : figures.cpu_ratio * 100,
      memory_usage: figures.memory_ratio === undefined ? null : figures.memory_ratio * 100, error_rate: figures.error_ratio === undefined ? null : figures.error_ratio * 100, response_time: figures.response_time_seconds * 1000,
      metrics: figures, measured_at: at(3), health: HEALTH[id] ?? "ok", findings: findings(id, b), open_suggestions: id === "sessions" ? 1 : 0, execution_id: null,
      silences: id === "mailer" ? [{ planner: "task_queue", ...message("cooling_down", b("바꾼 지 얼마 되지 않았습니다", "It was changed a short time ago")) }, { planner: "workers", ...message("planned_as_queue", b("작업 대기열로 따로 계산합니다", "Planned as a queue of tasks")) }] : [],
      sparkline: Array.from({ length: 60 }, (_, i) => (id === "billing" && i % 6 ? null : 0.3 + 0.1 * Math.sin(i / 5))),
    };
  });
}

const knob = (name, value, minimum, maximum, unit, more = {}) => ({ name, value, minimum, maximum, choices: null, unit, kind: "integer", disruption: "live", reversibility: "reversible", persistent: true, suggested: null, suggestion_id: null, turned: null, ...more });

export function knobsOf(id) {
  if (id === "sessions") {
    return [
      knob("maxmemory", 10 * MEBIBYTE, MEBIBYTE, 200 * MEBIBYTE, "bytes", { suggested: 15 * MEBIBYTE, suggestion_id: "sg_20", turned: { at: at(400), by: "policy", execution_id: "ex_1" } }),
      knob("maxmemory-policy", "allkeys-lru", null, null, "", { choices: ["allkeys-lru", "volatile-lru", "noeviction"] }),
    ];
  }
  if (id === "mailer") return [knob("workers", 2, 1, 8, "workers", { persistent: false })];
  if (id === "search-api") return [knob("workers", 3, 1, 16, "workers", { persistent: false })];
  if (id === "shop.cart") return [knob("timeout_seconds", 30, 1, 120, "seconds")];
  return [];
}

/** What another memory limit would give, or why that is not known. */
export function room(id, lang) {
  if (id === "sessions") {
    const ratio = (bytes) => 0.96 * (1 - Math.exp(-bytes / (8.6 * MEBIBYTE)));
    const points = [10, 12, 15, 17, 20, 24, 28, 32, 38, 45, 52, 58].map((mebibytes, index) => {
      const size = mebibytes * MEBIBYTE;
      return { size_bytes: size, hit_ratio: ratio(size), low: ratio(size) - (index ? 0.03 : 0), high: Math.min(1, ratio(size) + (index ? 0.02 + index * 0.003 : 0)) };
    });
    const figures = { knob: "maxmemory", present_bytes: 10 * MEBIBYTE, suggested_bytes: 15 * MEBIBYTE, enough_bytes: 38 * MEBIBYTE, most_bytes: 200 * MEBIBYTE, used_bytes: 9.9 * MEBIBYTE, entry_bytes: 860, observed_hit_ratio: 0.65, sampled_keys: 1841, recorded_seconds: 640, error_ratio: 0.012, points };
    return { cache_server: figures, cache_server_why_not: null };
  }
  const why = id === "fragments" ? message("cache_keys_unknown", both(lang, "이 서버는 어떤 키가 언제 쓰였는지 알려 주지 않아 다른 크기를 계산할 수 없습니다", "This server does not tell which keys were asked for, so no other size can be computed")) : null;
  return { cache_server: null, cache_server_why_not: why };
}
