// Canned answers in the shape of docs/API.md, for looking at the dashboard without a server. Invented figures.

import { kinds, knobsOf } from "./kindFixtures.mjs";

const at = (secondsAgo) => new Date(Date.now() - secondsAgo * 1000).toISOString();
const both = (lang, ko, en) => (lang === "en" ? en : ko);
const message = (code, text) => ({ code, params: {}, text });

const wave = (base, spread, n = 60) =>
  Array.from({ length: n }, (_, i) => (i === 21 ? null : Math.max(0, base + spread * Math.sin(i / 4) + spread * 0.4 * Math.sin(i * 2.3))));

function finding(kind, metric, severity, value, limit, text) {
  return { kind, metric, severity, score: severity === "critical" ? 0.97 : 0.7, since: at(840), value, limit, text };
}

function plugin(id, health, [cpu, memory, errors, p95, workers], findings = [], more = {}) {
  return {
    plugin_id: id, status: health === "inactive" ? "inactive" : "active", since: at(7200), stale: false, touchpoint: "gunicorn", labels: {},
    cpu_usage: cpu, memory_usage: memory, error_rate: errors, response_time: p95 === null ? null : p95 * 410,
    metrics: { response_time_p95_seconds: p95, response_time_seconds: p95 === null ? null : p95 * 0.41, workers, busy_ratio: 0.6 },
    measured_at: at(3), health, findings, open_suggestions: 0, silences: [], execution_id: null,
    sparkline: p95 === null ? [] : wave(p95, p95 * 0.25), ...more,
  };
}

export function plugins(lang) {
  const b = (ko, en) => both(lang, ko, en);
  return [
    plugin("menu", "ok", [12.4, 8.1, 0, 0.084, 2], [], { silences: [{ planner: "workers", ...message("within_slo", b("응답 시간이 기준 안에 있습니다", "Response time is within its limit")) }, { planner: "cache", ...message("no_cache", b("조정할 캐시가 없습니다", "There is no cache to adjust")) }] }),
    plugin("orders", "critical", [24.1, 8.3, 0.2, 2.31, 2], [finding("saturation", "queue_wait_seconds", "critical", 1.2, 0.3, b("요청이 워커를 평균 1.2초 기다립니다 (기준 0.3초)", "Requests wait 1.2 s for a worker (limit 0.3 s)"))]),
    plugin("reports", "warning", [6.2, 41.7, 0, 0.212, 12], [finding("waste", "workers", "info", 12, 3, b("워커 12개 중 9개가 놀고 있습니다", "9 of 12 workers idle")), finding("leak", "memory_bytes", "warning", 6.2e8, 8e8, b("메모리가 요청마다 늘어나 약 2시간 뒤 한도에 닿습니다", "Memory grows with each request and reaches its limit in about 2 h"))]),
    plugin("reservations", "warning", [18.9, 12.2, 7.4, 0.32, 3], [finding("error", "error_ratio", "warning", 0.074, 0.05, b("에러율이 7.4 %입니다 (기준 5 %)", "7.4 % of requests fail (limit 5 %)"))]),
    plugin("inventory", "unknown", [null, null, null, null, null], [], { stale: true, measured_at: at(190), status: "unknown" }),
    plugin("notices", "inactive", [null, null, null, null, 0], [finding("inactive", "up", "critical", 0, 1, b("4분 전부터 프로세스가 없습니다", "No process for 4 minutes"))]),
  ];
}

export function pluginDetail(id, lang) {
  const found = [...plugins(lang), ...kinds(lang)].find((entry) => entry.plugin_id === id);
  if (!found) return null;
  const knob = (name, value, minimum, maximum, unit, disruption = "live") => ({ name, value, minimum, maximum, choices: null, unit, kind: "integer", disruption, reversibility: "reversible", persistent: true, suggested: null, suggestion_id: null, turned: null });
  return {
    ...found,
    knobs: found.touchpoint !== "gunicorn" ? knobsOf(id) : [{ ...knob("workers", 2, 1, 32, "workers"), suggested: 4, suggestion_id: "sg_1", turned: { at: at(560), by: "admin", execution_id: "ex_1" } }, { ...knob("cache_size", 128, 16, 4096, "entries"), turned: { at: at(1300), by: "outside", execution_id: null } }, knob("max_requests", 0, 0, 100000, "requests", "restart")],
    policy: { mode: "approve", cpu_ratio: 0.8, memory_ratio: 0.8, error_ratio: 0.05, response_time_seconds: 1 }, policy_origin: {}, setting_changes: [],
    errors: id !== "reservations" ? [] : [{ fingerprint: "a1", exception: "ValueError", message: "invalid party size: ''", first_seen: at(3100), last_seen: at(8), frames: ["reservations/app.py:41 create_reservation", "reservations/forms.py:17 parse_party"] }],
  };
}

function suggestion(id, plugin_id, type, description, details, more = {}) {
  return {
    id, plugin_id, suggestion_type: type, description, created_at: at(600), updated_at: at(20), expires_at: at(-3600),
    details: { change: null, prediction: null, side_effects: [], evidence: [], findings: [], judged_by: null, figures: {}, ...details },
    risk: "low", confidence: 0.87, state: "open", revision: 3, requires_revision: false, snooze: null, executable: true, why_not_executable: null,
    executed: false, executed_at: null, result: null, execution_id: null, links: {}, ...more,
  };
}

const change = (knob, before, after, unit, disruption = "live") => ({ knob, before, after, unit, disruption, reversibility: "reversible" });
const p95 = (before, expected, low, high) => ({ metric: "response_time_p95_seconds", before, expected, low, high, model: "replay" });

export function suggestions(lang, changed = false) {
  if (changed) return suggestions(lang).map((entry) => (entry.id !== "sg_1" ? entry : { ...entry, revision: 4, description: both(lang, "워커를 2개에서 5개로 늘리세요", "Raise workers from 2 to 5"), details: { ...entry.details, change: change("workers", 2, 5, "workers") } }));
  const b = (ko, en) => both(lang, ko, en);
  const judged = message("judged_by_response_time", b("적용 뒤 10분 동안 p95를 ‘바꾸지 않았을 때’와 비교합니다. 에러율과 메모리가 나빠지면 실패로 봅니다.", "For 10 minutes p95 is compared with what it would have been. Worse errors or memory count as failure."));
  return [
    suggestion("sg_3", "menu", "update_config", b("keep-alive를 2초에서 5초로 늘리세요", "Raise keep-alive from 2 s to 5 s"), { change: change("keepalive_seconds", 2, 5, "seconds", "restart"), prediction: p95(0.084, 0.079, 0.074, 0.086), evidence: [message("reconnects", b("연결의 48 %가 5초 안에 다시 맺어집니다", "48 % of connections are reopened within 5 s"))], judged_by: judged }, { confidence: 0.55, risk: "high", requires_revision: true }),
    suggestion("sg_1", "orders", "increase_workers", b("워커를 2개에서 4개로 늘리세요", "Raise workers from 2 to 4"), {
      change: change("workers", 2, 4, "workers"), prediction: p95(2.31, 0.31, 0.26, 0.38),
      side_effects: [{ metric: "memory_bytes", before: 120e6, expected: 190e6, low: 180e6, high: 200e6, model: "pss" }],
      evidence: [message("requests_wait", b("요청 시간의 62 %가 워커를 기다리는 데 쓰입니다", "62 % of the time of requests is spent waiting for a worker")), message("off_cpu", b("워커는 시간의 91 % 동안 CPU가 아니라 I/O를 기다립니다", "Workers spend 91 % of their time on I/O, not on the CPU")), message("replayed", b("최근 요청 1,284건을 워커 4개로 다시 돌려 본 결과입니다", "1,284 recent requests were replayed with 4 workers")), message("predictions_held", b("이런 예측 9건 중 7건이 예측 구간 안에 들었습니다", "Predictions of this kind held 7 of 9 times"))],
      findings: [finding("saturation", "queue_wait_seconds", "critical", 1.2, 0.3, b("요청이 워커를 평균 1.2초 기다립니다", "Requests wait 1.2 s for a worker"))],
      judged_by: judged,
      figures: { requests: 1284, span_seconds: 300, curve: [[1, 9.8], [2, 2.31], [3, 0.62], [4, 0.31], [5, 0.27], [6, 0.26], [8, 0.26]].map(([workers, p95_seconds]) => ({ workers, p95_seconds })) },
    }),
    suggestion("sg_2", "reports", "decrease_workers", b("워커를 12개에서 3개로 줄이세요", "Lower workers from 12 to 3"), { change: change("workers", 12, 3, "workers"), prediction: { metric: "memory_bytes", before: 6.2e8, expected: 1.9e8, low: 1.7e8, high: 2.2e8, model: "pss" }, side_effects: [p95(0.212, 0.22, 0.21, 0.24)], evidence: [message("idle", b("가장 바쁜 순간에도 워커 2개면 충분했습니다", "At the busiest moment two workers were enough"))], findings: [finding("waste", "workers", "warning", 12, 3, b("워커 9개가 놀고 있습니다", "9 workers idle"))], judged_by: judged }, { confidence: 0.91 }),
    suggestion("sg_4", "reservations", "investigate_error", b("party_size가 빈 값일 때 나는 ValueError를 고치세요", "Fix the ValueError for an empty party_size"), { evidence: [message("since_change", b("51분 전 설정 변경 뒤 시작되었습니다", "It began after a configuration change 51 minutes ago"))], findings: [finding("error", "error_ratio", "warning", 0.074, 0.05, b("에러율 7.4 %", "7.4 % errors"))] }, { executable: false, why_not_executable: b("코드를 고쳐야 하는 조언이라 실행할 변경이 없습니다", "Advice for the code; there is no change to execute"), confidence: 0.8 }),
  ];
}

/** What somebody let wait until it is worse. */
export function snoozed(lang) {
  const snooze = { at: at(5400), by: "kim", reason: both(lang, "할인 행사 뒤에", "after the sale"), until: at(-500000), worse_by: 0.25, figures: [{ metric: "memory_bytes", then: 6.2e8, now: 6.6e8 }] };
  return [{ ...suggestions(lang).find(({ id }) => id === "sg_2"), id: "sg_30", state: "snoozed", executable: false, snooze }];
}

/** What a dry run finds: everything in order, or two things in the way. */
export function rehearsal(id, lang, refused) {
  const b = (ko, en) => both(lang, ko, en);
  const check = (code, text, why = null) => ({ code, ok: why === null, text, why });
  const checks = [
    check("suggestion", b("제안이 열려 있고 기한이 남아 있습니다", "The suggestion is open and not too old")),
    check("stop", b("비상 정지가 걸려 있지 않습니다", "The emergency stop is not set")),
    check("calendar", b("지금은 변경이 허용된 시간입니다", "Changes are allowed at this time"), refused ? message("rail_window", b("변경이 허용된 시간대가 아닙니다: Mon-Fri 22:00-06:00 Asia/Seoul", "Changes are made only within: Mon-Fri 22:00-06:00 Asia/Seoul")) : null),
    check("value", b("설정이 있고, 값이 제안의 출발 값 그대로이며, 새 값을 받을 수 있습니다", "The setting is there, stands where the change begins, and takes the new value"), refused ? message("value_moved", b("승인한 뒤 값이 2에서 3으로 바뀌어 변경하지 않았습니다", "Nothing was changed: the value moved from 2 to 3 since the approval")) : null),
    check("fence", b("다른 프로세스가 이 플러그인을 잡고 있지 않으며, 이 지시가 가장 새롭습니다", "No other process holds the plugin, and this order would be the newest")),
  ];
  const course = [
    message("rehearsal_turn", b("orders의 workers를 2에서 4로 한 단계씩, 매번 결과를 확인하며 바꿉니다", "Turn workers of orders from 2 to 4, one observed step at a time")),
    message("rehearsal_live", b("재시작하지 않습니다", "Nothing restarts")),
    message("rehearsal_settle", b("안정되기를 길어야 1분 기다립니다", "Wait for at most 1 min until it has settled")),
    message("rehearsal_undo", b("효과가 없거나 나빠지면 workers를 2로 되돌립니다. 확인되면 유지합니다", "Set workers back to 2 where it does not help; keep it where it is proven")),
  ];
  const words = refused ? b("지금 실행하면 실행되지 않습니다(걸리는 것 2가지). 아무것도 바꾸지 않았습니다", "Executed now, it would not be done (2 in the way). Nothing was changed") : b("지금 실행하면 실행됩니다. 아무것도 바꾸지 않았습니다", "Executed now, it would be done. Nothing was changed");
  return { suggestion_id: id, revision: 3, requires_revision: false, would_execute: !refused, message: words, checks, course, not_known: message("rehearsal_not_known", b("대상이 변경하는 순간에만 거부할 수 있는 것은 미리 알 수 없습니다. 거부하면 아무것도 바꾸지 않고 끝납니다", "What only the target itself can refuse, at the moment of the deed, is not known beforehand; where it does, nothing is changed")), checked_at: at(1) };
}

export function executions(lang) {
  const b = (ko, en) => both(lang, ko, en);
  const base = { suggestion_type: "increase_workers", approved_by: "admin", links: {}, reason: null, persisted: true, can_roll_back: true, can_close: false, closing: null, advice: null, present_value: null };
  return [
    { ...base, id: "ex_3", suggestion_id: "sg_9", plugin_id: "inventory", suggestion_type: "adjust_cache", description: b("캐시를 128개에서 512개로 늘리세요", "Raise the cache from 128 to 512 entries"), executed_at: at(95), finished_at: null, result: "in_progress", state: "verifying", change: change("cache_size", 128, 512, "entries"), verdict: null, prediction: p95(0.92, 0.41, 0.36, 0.49), persisted: false },
    { ...base, id: "ex_1", suggestion_id: "sg_8", plugin_id: "orders", description: b("워커를 2개에서 4개로 늘리세요", "Raise workers from 2 to 4"), executed_at: at(3600), finished_at: at(3000), result: "success", state: "succeeded", change: change("workers", 2, 4, "workers"), prediction: p95(2.3, 0.33, 0.27, 0.4), verdict: { outcome: "better", metric: "response_time_p95_seconds", effect: 0.14, low: 0.11, high: 0.19, before: 2.3, after: 0.31, windows: 8, requests: 560, method: "paired_replay", text: b("응답 시간(p95)이 2.3초에서 0.31초로 줄었습니다. 바꾸지 않았을 때보다 86 % 짧습니다.", "Response time (p95) fell from 2.3 s to 0.31 s, 86 % less than without the change."), reasons: [message("enough", b("비교 구간 8개 모두에서 빨라졌습니다", "Faster in all 8 windows"))] } },
    { ...base, id: "ex_2", suggestion_id: "sg_7", plugin_id: "reports", description: b("워커를 4개에서 12개로 늘리세요", "Raise workers from 4 to 12"), executed_at: at(90000), finished_at: at(89400), result: "rolled_back", state: "rolled_back", change: change("workers", 4, 12, "workers"), prediction: p95(0.21, 0.18, 0.15, 0.2), verdict: { outcome: "worse", metric: "response_time_p95_seconds", effect: 1.31, low: 1.12, high: 1.5, before: 0.21, after: 0.28, windows: 6, requests: 412, method: "paired_replay", text: b("응답 시간(p95)이 0.21초에서 0.28초로 길어져 저절로 되돌렸습니다.", "Response time (p95) rose from 0.21 s to 0.28 s, so it was undone by itself."), reasons: [] }, persisted: false, can_roll_back: false, approved_by: "kim" },
  ];
}

/** A figure that falls a minute and a half ago. */
export function course(metric) {
  const points = Array.from({ length: 160 }, (_, i) => [at((160 - i) * 5), (i < 141 ? 0.92 : 0.41) * (1 + 0.12 * Math.sin(i / 5) + 0.08 * Math.sin(i * 1.7))]);
  return { from: at(800), to: at(0), series: { [metric]: points }, marks: [] };
}

export function trackRecord(lang) {
  const b = (ko, en) => both(lang, ko, en);
  const tally = (executions, kept, undone, failed, without_effect, under_way, verdicts) => ({ executions, kept, undone, failed, without_effect, under_way, verdicts });
  return {
    kinds: [
      { suggestion_type: "increase_workers", suggestion_type_text: b("워커 늘리기", "Increase workers"), ...tally(14, 10, 2, 1, 1, 0, { better: 10, worse: 1, inconclusive: 1 }) },
      { suggestion_type: "adjust_cache", suggestion_type_text: b("캐시 조정", "Adjust cache"), ...tally(6, 4, 1, 0, 0, 1, { better: 4, same: 1 }) },
    ],
    total: tally(20, 14, 3, 1, 1, 1, {}),
    time_spared: { seconds: 812.4, requests: 5210, executions: 12, not_counted: 5, how: message("time_spared_how", b("판정하는 동안의 요청만 셌습니다. 변경 12건에서, 같은 요청을 바꾸기 전 서버로 다시 돌렸을 때 걸렸을 시간에서 실제로 걸린 시간을 뺀 합입니다.", "Only requests of the time of judging, of 12 changes: what the same requests would have taken on the server as it was, by replay, minus what they took.")) },
    since: at(2_000_000), all: true,
  };
}

export function calibration(lang) {
  const b = (ko, en) => both(lang, ko, en);
  const kind = (type, text, metric, held, predictions, low, high, bias_ratio, widening, not_compared) => ({ suggestion_type: type, suggestion_type_text: text, metric, model: "replay", plugin_id: null, predictions, held, held_by_model: held, rate: held / predictions, low, high, bias_ratio, bias_points: null, widening, confidence_factor: 1, not_compared });
  return { kinds: [kind("increase_workers", b("워커 늘리기", "Increase workers"), "response_time_p95_seconds", 9, 11, 0.52, 0.95, 1.08, 1, 2), kind("adjust_cache", b("캐시 조정", "Adjust cache"), "response_time_seconds", 2, 5, 0.12, 0.77, 1.31, 1.62, 1)], entries: [] };
}

export function executionDetail(id, lang) {
  const found = [...troubles(lang), ...executions(lang)].find((entry) => entry.id === id);
  if (!found) return null;
  const states = { verifying: ["queued", "claimed", "intent", "applying", "applied", "settling", "verifying"], succeeded: ["queued", "claimed", "intent", "applying", "applied", "settling", "verifying", "succeeded"], rolled_back: ["queued", "claimed", "intent", "applying", "applied", "settling", "verifying", "rb_intent", "rb_applying", "rolled_back"] }[found.state] ?? ["queued", "claimed", "intent", "applying", found.state];
  const begun = Date.parse(found.executed_at);
  const { before, expected } = found.prediction;
  return {
    ...found,
    steps: states.map((state, i) => ({ state, at: new Date(begun + i * 6000).toISOString(), actor: i ? "engine" : found.approved_by, text: "" })),
    live: { deadline_at: found.finished_at ? null : at(-480), windows: Array.from({ length: found.finished_at ? 8 : 4 }, (_, i) => ({ at: new Date(begun + 40000 + i * 10000).toISOString(), observed_seconds: (found.verdict?.after ?? expected) * (1 + 0.09 * Math.sin(i * 2)), predicted_seconds: expected, without_seconds: before * (1 + 0.05 * Math.cos(i)) })) },
  };
}

export function health(lang, stopped) {
  const b = (ko, en) => both(lang, ko, en);
  const stoppedCheck = { code: "engine_stopped", ok: false, text: b("분석 엔진이 멈춰 있습니다. 마지막 분석은 7분 전입니다", "The analysis has stopped; its last turn was 7 min ago"), help: b("서버 프로세스가 살아 있는지 확인하고 로그를 보세요. 다시 시작하면 이어서 동작합니다", "See whether the server process is alive and read its log; a restart continues where it was") };
  return {
    status: stopped ? "degraded" : "ok", version: "0.1.0", runner: { active: !stopped, holder: stopped ? null : "backoffice:4711:9f3c", here: !stopped, interval_seconds: 5 },
    last_cycle: {
      number: 812, at: at(stopped ? 400 : 3), duration_seconds: stopped ? 4.6 : 0.04, plugins: 6, samples: 96,
      faults: stopped ? [{ part: "LeakDetector", error: "ValueError: no samples" }] : [], refusals: stopped ? [{ plugin_id: "orders", metric: "response_time_seconds", reason: "frozen", count: 12 }] : [],
    },
    stale_plugins: stopped ? ["orders", "menu"] : [], checks: stopped ? [stoppedCheck] : [],
    stores: [{ name: "state", kind: "file", bytes: 1.8e6 }, { name: "samples", kind: "file", bytes: 41.2e6 }, { name: "requests", kind: "file", bytes: 128e6 }],
  };
}

export function doctor(lang) {
  const b = (ko, en) => both(lang, ko, en);
  return { questions: [
    { question: "no_suggestions", answer: [{ code: "warming_up", text: b("측정을 시작한 지 40초밖에 되지 않았습니다.", "Measuring began only 40 seconds ago."), help: b("첫 제안까지 보통 2분이 걸립니다.", "The first suggestion usually takes 2 minutes.") }] },
    { question: "dashboard_empty", answer: [{ code: "no_plugins", text: b("이 호스트에서 실행 중인 gunicorn을 찾지 못했습니다.", "No gunicorn was found on this host."), help: b("서비스를 시작하거나 설정 파일의 [[plugins]]에 적으세요.", "Start a service or name it under [[plugins]] in the configuration.") }] },
  ] };
}

export const notStopped = { stopped: false, at: null, actor: null, reason: null };
export const stopped = (actor, reason) => ({ stopped: true, at: at(130), actor, reason: reason || null });

/** One execution in each state off the planned way. */
export function troubles(lang) {
  const b = (ko, en) => both(lang, ko, en);
  const [pattern] = executions(lang);
  const advice = message("operator_foreign_value", b("지금 값은 300입니다. 그 값이 맞으면 닫으세요. 아니라면 원하는 값을 직접 설정한 뒤 닫으세요. 엔진은 다른 사람이 정한 값을 덮어쓰지 않습니다", "It is 300 now. If that value is meant, close this. If not, set the right one by hand, then close it: the engine does not overwrite what somebody else has set"));
  const given = { can_close: true, advice, result: "failed" };
  const one = (id, plugin_id, state, code, text, more = {}) => ({ ...pattern, id, plugin_id, state, reason: message(code, text), persisted: false, finished_at: null, ...(state === "needs_operator" ? given : {}), ...more });
  return [
    one("ex_20", "orders", "unknown", "step_not_seen", b("변경을 요청했지만 반영된 것이 보이지 않습니다(현재 값 128)", "The change was ordered but does not show (value now 128)")),
    one("ex_21", "menu", "partial", "only_part_happened", b("일부만 반영되어(256) 원래 값으로 되돌립니다", "Only a part took effect (256); going back")),
    one("ex_22", "reports", "foreign", "foreign_value", b("다른 주체가 값을 300으로 바꾸어 그대로 두었습니다", "Somebody else set the value to 300; it was left alone")),
    one("ex_23", "notices", "gone", "plugin_gone", b("대상 플러그인이 사라졌습니다", "The plugin is gone")),
    one("ex_24", "reservations", "needs_operator", "rollback_failed", b("되돌리지 못했습니다. 운영자가 확인해야 합니다", "Going back did not work; an operator has to look"), { finished_at: at(300), present_value: 300 }),
    one("ex_25", "inventory", "needs_operator", "foreign_value", b("다른 주체가 값을 300으로 바꾸어 그대로 두었습니다", "Somebody else set the value to 300; it was left alone"), { finished_at: at(4000), change: change("workers", 2, 4, "workers") }),
  ];
}

/** What waits for somebody: the troubles, or a crowd of them. */
export function needing(lang, crowd) {
  const found = troubles(lang).filter((run) => run.can_close);
  return crowd ? Array.from({ length: 57 }, (_, n) => ({ ...found[0], id: `ex_9${n}`, plugin_id: `shop-${n}`, finished_at: at(300 + n) })) : found;
}

export function closed(run, note, lang) {
  const words = both(lang, "admin 님이 확인하고 그대로 두었습니다. 메모: ", "admin has looked and left it as it is. Note: ");
  return { ...run, can_close: false, advice: null, closing: { at: at(0), by: "admin", note, value: run.present_value, text: `${words}${note}` } };
}

export function resting(lang) {
  return [suggestion("sg_8", "reports", "increase_workers", both(lang, "워커를 4개에서 12개로 늘리세요", "Raise workers from 4 to 12"), { change: change("workers", 4, 12, "workers") }, { state: "quarantined", executable: false, expires_at: at(-1100), why_not_executable: both(lang, "같은 변경이 되돌려진 적이 있어 당분간 실행할 수 없는 제안입니다", "The same change was undone before; it rests for a while") })];
}

const ACTIONS = ["execution.succeeded", "execution.verifying", "suggestion.open", "emergency_stop.set", "policy.saved"];

/** A page of 120 entries, newest first. */
export function audit(before, limit, filter) {
  const fits = (entry) => ["actor", "action", "subject"].every((part) => !filter?.get(part) || entry[part] === filter.get(part) || (part === "action" && entry.action.startsWith(`${filter.get(part)}.`)));
  return Array.from({ length: before - 1 }, (_, i) => entryOf(before - 1 - i)).filter(fits).slice(0, limit);
}

function entryOf(number) {
  return {
    number, at: at((121 - number) * 97), actor: number % 4 ? "engine" : "admin", action: ACTIONS[number % ACTIONS.length], subject: number % 2 ? "ex_01J8ZQ2M" : "orders",
    detail: number % 3 ? { plugin_id: "orders", knob: "workers", before: 2, after: 4 } : {}, digest: number.toString(16).padStart(64, "9f3c"),
  };
}

export function auditCheck(lang, ok) {
  const trouble = { ...message("audit_broken", both(lang, "감사 기록 87번이 바뀌었습니다", "Entry 87 of the audit was changed")), help: both(lang, "백업과 비교한 뒤 서버에서 plugin-optimizer audit verify를 실행하세요.", "Compare it with a backup; on the host run plugin-optimizer audit verify.") };
  return { ok, entries: 120, head: { number: 120, digest: "9f" }, anchors: 12, last_anchor: { number: 118, digest: "c1", at: at(200) }, read_only: !ok, trouble: ok ? null : trouble, checked_at: at(2) };
}
