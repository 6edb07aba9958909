// Channels, messages and last week's count for the fixture server, as the product answers.

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const both = (lang, ko, en) => (lang === "en" ? en : ko);
const COUNTS = { waiting: 1, sending: 0, delivered: 23, given_up: 2 };

let retried = new Set();

export function reset() {
  retried = new Set();
}

/** Return [status, body] for what is ours, undefined for the rest. */
export function notifications(method, route, url, body, lang, scenario) {
  if (!route.startsWith("/notifications/")) return undefined;
  const [, , what, id] = route.split("/");
  if (what === "channels") return [200, channels(scenario)];
  if (what === "test") return [200, trial(body.channel)];
  if (what === "preview") return [200, preview(Number(url.searchParams.get("days")), scenario)];
  if (id) retried.add(id);
  const found = outbox(lang).filter((each) => fits(each, url.searchParams));
  return id ? [200, outbox(lang).find((each) => each.id === id)] : [200, found];
}

function fits(each, query) {
  return (!query.get("state") || each.state === query.get("state")) && (!query.get("channel") || each.channel === query.get("channel"));
}

function channels(scenario) {
  const rules = { language: "ko", events: [], digest_minutes: 0, urgent: "critical", quiet_hours: [], quiet_now: false, most_per_hour: 30 };
  const known = [
    {
      ...rules, name: "ops", kind: "slack", settings: { url: { reference: "env:OPS_SLACK_URL", there: true }, allow_inner: false },
      routes: [{ plugin_id: "default", least: "warning" }, { plugin_id: "payment", least: "info" }],
      counts: COUNTS, last_answer: "200 OK: ok", last_at: ago(4),
    },
    {
      ...rules, name: "mail", kind: "email", language: "en", digest_minutes: 60, events: ["needs_person", "change_undone"],
      quiet_hours: ["Mon-Fri 22:00-07:00 Asia/Seoul", "Sat,Sun 00:00-24:00 Asia/Seoul"], quiet_now: true,
      settings: { host: "smtp.example.com", sender: "Plugins <plugins@example.com>", recipients: ["ops@example.com", "oncall@example.com"], port: 587, security: "starttls", user: "plugins", password: { reference: "file:/run/credentials/smtp-password", there: false }, ca_file: "" },
      routes: [], counts: { ...COUNTS, given_up: 0 }, last_answer: null, last_at: null,
    },
  ];
  const none = scenario === "empty";
  return { channels: none ? [] : known, unknown: scenario === "trouble" ? ["pager"] : [], give_up_hours: 24, remind_hours: 4, group_seconds: 30, dashboard_url: "" };
}

function trial(channel) {
  const delivered = channel === "ops";
  return { channel, delivered, answer: delivered ? "200 OK: ok" : "535 5.7.8 authentication failed", took_seconds: delivered ? 0.214 : 1.31 };
}

function preview(days) {
  const kinds = { suggestion_opened: 2 * days, change_undone: 1, plugin_dead: 2, needs_person: 1 };
  return {
    days, since: ago(days * 1440), complete: true,
    channels: [
      { channel: "ops", messages: 2 * days + 4, kinds, from_info: 6 * days, from_warning: 2 * days + 4, from_critical: 3 },
      { channel: "mail", messages: 0, kinds: {}, from_info: 4 * days, from_warning: days + 2, from_critical: 3 },
    ],
  };
}

function outbox(lang) {
  const notice = (text, minutes) => ({ kind: "plugin_dead", phase: "began", severity: "critical", plugin_id: "orders", suggestion_id: null, execution_id: null, at: ago(minutes), text });
  const row = (id, channel, state, severity, title, minutes, more) => ({
    id, channel, state: retried.has(id) ? "waiting" : state, severity, title, count: 1, notices: [notice(title, minutes)], attempts: 1, answer: "200 OK: ok",
    created_at: ago(minutes), due_at: ago(minutes - 1), attempted_at: ago(minutes - 1), ended_at: state === "waiting" ? null : ago(minutes - 1), gives_up_at: ago(minutes - 1440), retryable: state !== "delivered", ...more,
  });
  const dead = ["orders", "payment", "inventory", "menu"].map((name, i) => notice(both(lang, `${name}: 실행되고 있지 않습니다`, `${name}: it is not running`), 20 - i));
  return [
    row("nt_5", "ops", "waiting", "warning", both(lang, "orders: 변경을 되돌렸습니다: 워커를 2개에서 4개로 늘리세요", "orders: the change was undone: Increase the workers from 2 to 4"), 2, { attempts: 3, answer: "503 Service Unavailable", due_at: ago(-4) }),
    row("nt_4", "ops", "delivered", "critical", both(lang, "플러그인 4개가 실행되지 않음", "4 plugins are not running"), 20, { count: 4, notices: dead }),
    row("nt_3", "mail", "given_up", "critical", both(lang, "payment: 엔진이 포기한 변경이 사람의 확인을 기다립니다: 캐시를 64 MiB로 조정하세요", "payment: the engine gave up a change and waits for a person: Set the cache to 64 MiB"), 300, { attempts: 49, answer: "535 5.7.8 authentication failed" }),
    row("nt_2", "ops", "delivered", "info", both(lang, "reservations: 새 제안: 데이터베이스 연결 풀을 5에서 12로 늘리세요", "reservations: a new suggestion: Grow the connection pool from 5 to 12"), 900),
  ];
}
