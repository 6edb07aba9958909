// The fleet as the server sums it up, filters, sorts and pages it, over canned plugins.

const HEALTHS = ["critical", "inactive", "warning", "unknown", "ok"];
const healthOf = (plugin) => (plugin.stale && plugin.health !== "inactive" ? "unknown" : plugin.health);
const count = (values) => values.reduce((sums, value) => ({ ...sums, [value]: (sums[value] ?? 0) + 1 }), {});
const counts = (plugins) => ({ ...Object.fromEntries(HEALTHS.map((health) => [health, 0])), ...count(plugins.map(healthOf)) });
const rank = (plugin) => HEALTHS.indexOf(healthOf(plugin));
const worstFirst = (plugins) => [...plugins].sort((a, b) => rank(a) - rank(b) || a.plugin_id.localeCompare(b.plugin_id));

export function fleet(plugins, suggestions, running) {
  const keys = [...new Set(plugins.flatMap((plugin) => Object.keys(plugin.labels)))].sort();
  return {
    total: plugins.length, health: counts(plugins), open_suggestions: suggestions, running,
    worst: worstFirst(plugins).filter((plugin) => healthOf(plugin) !== "ok").slice(0, 5)
      .map((plugin) => ({ plugin_id: plugin.plugin_id, health: healthOf(plugin), stale: plugin.stale, text: plugin.findings[0]?.text ?? null })),
    touchpoints: count(plugins.map((plugin) => plugin.touchpoint)),
    labels: Object.fromEntries(keys.map((key) => [key, count(plugins.filter((plugin) => key in plugin.labels).map((plugin) => plugin.labels[key]))])),
  };
}

export function groups(plugins, query) {
  const by = query.get("by");
  const value = (plugin) => (by === "touchpoint" ? plugin.touchpoint : plugin.labels[by.replace("label:", "")] ?? "");
  const found = Map.groupBy ? Map.groupBy(fitting(plugins, query), value) : grouped(fitting(plugins, query), value);
  return [...found].map(([name, members]) => ({ value: name, total: members.length, health: counts(members) }))
    .sort((a, b) => b.health.critical - a.health.critical || b.health.warning - a.health.warning || a.value.localeCompare(b.value));
}

function grouped(plugins, value) {
  const found = new Map();
  for (const plugin of plugins) found.set(value(plugin), [...(found.get(value(plugin)) ?? []), plugin]);
  return found;
}

export function page(plugins, query) {
  const found = sorted(fitting(plugins, query), query.get("sort") ?? "plugin_id");
  const offset = Number(query.get("offset") ?? 0);
  return { total: found.length, rows: found.slice(offset, offset + Number(query.get("limit") ?? 500)) };
}

function fitting(plugins, query) {
  const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const [health, kinds, labels, names] = ["health", "touchpoint", "label", "plugin_id"].map((name) => query.getAll(name));
  const text = (plugin) => [plugin.plugin_id, plugin.touchpoint, ...Object.entries(plugin.labels).map((pair) => pair.join("="))].join("\n").toLowerCase();
  const has = (plugin, [key, value]) => (value === undefined ? Boolean(plugin.labels[key]) : (plugin.labels[key] ?? "") === value);
  return plugins.filter((plugin) =>
    words.every((word) => text(plugin).includes(word)) && (!health.length || health.includes(healthOf(plugin))) && (!kinds.length || kinds.includes(plugin.touchpoint))
    && (!names.length || names.includes(plugin.plugin_id)) && labels.every((label) => has(plugin, label.split("="))));
}

function sorted(plugins, sort) {
  const name = sort.replace("-", "");
  const sign = sort.startsWith("-") ? -1 : 1;
  if (name === "worst") return worstFirst(plugins);
  const value = (plugin) => plugin[name] ?? plugin.metrics[name];
  return [...plugins].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === y) return a.plugin_id.localeCompare(b.plugin_id);
    return x == null ? 1 : y == null ? -1 : sign * (x < y ? -1 : 1);
  });
}

const TEAMS = ["payments", "search", "orders", "web"];
let many = null;

/** Ten thousand plugins, the canned ones among them. */
export function crowd(plugins) {
  many ??= Array.from({ length: 10_000 }, (_, i) => {
    const model = plugins[i % 97 < 90 ? 0 : i % plugins.length];
    return { ...model, plugin_id: i < plugins.length ? plugins[i].plugin_id : `${TEAMS[i % 4]}-${String(i).padStart(5, "0")}`, touchpoint: i % 5 ? "gunicorn" : "celery",
      labels: i % 9 ? { team: TEAMS[i % 4], tier: String(i % 3) } : {} };
  });
  return many;
}
