// Tokens, sessions and users for the fixture server. Invented names.

const at = (secondsAgo) => new Date(Date.now() - secondsAgo * 1000).toISOString();
const DAY = 86_400;

let tokens;
let sessions;

export function reset() {
  tokens = [
    { name: "ci", role: "operator", created_at: at(40 * DAY), expires_at: at(-50 * DAY) },
    { name: "grafana", role: "viewer", created_at: at(100 * DAY), expires_at: at(10 * DAY) },
  ];
  sessions = [
    { id: "a1b2c3d4e5f60718", name: "admin", role: "admin", opened_at: at(3600), seen_at: at(2), expires_at: at(-39_600), here: true },
    { id: "99aabbccddeeff00", name: "olga", role: "viewer", opened_at: at(7200), seen_at: at(600), expires_at: at(-36_000), here: false },
  ];
}

/** Return [status, body] of an answer, null where the address is none of these. */
export function access(method, route, body) {
  const [, room, name] = route.split("/");
  if (room === "users") return [200, ["admin", "olga"].map((user) => ({ name: user, role: user === "admin" ? "admin" : "viewer", sessions: sessions.filter((each) => each.name === user).length, seen_at: sessions.find((each) => each.name === user)?.seen_at ?? null }))];
  if (room === "sessions" && method === "DELETE") sessions = sessions.filter((each) => each.id !== name);
  if (room === "sessions") return [200, sessions];
  if (room !== "tokens") return null;
  if (method === "DELETE") tokens = tokens.filter((each) => each.name !== name);
  if (method !== "POST") return [200, tokens];
  const made = { name: body.name, role: body.role, created_at: at(0), expires_at: at(-body.days * DAY) };
  tokens = [...tokens, made];
  return [201, { ...made, token: "po_4f9c2a7e51d04b6d8c3e_shown_once" }];
}

reset();
