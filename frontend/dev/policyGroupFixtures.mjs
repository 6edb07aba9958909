// Groups of plugins for the fixture server. Two plugins belong to any group.

export const groups = new Map();
const MEMBERS = { cart: ["shop"], mail: ["shop"] };

export function resetGroups() {
  groups.clear();
}

const etag = (rule) => `"${Buffer.from(JSON.stringify(rule)).toString("base64").slice(-16)}"`;

function view(name) {
  return { name, ...groups.get(name), source: "here", own: [], count: 2, members: MEMBERS, links: {} };
}

/** Return [status, body, headers] of an answer, null where the address is none of these. */
export function pluginGroups(method, route, body) {
  const [, room, name, part] = route.split("/");
  if (room !== "plugin-groups") return null;
  if (!name) return [200, [...groups.keys()].map((known) => ({ ...view(known), members: null }))];
  if (part === "consequences") return [200, { plugin_id: `group:${name}`, changed: 0, kept: 0, plugins: [], keeping: [], joining: ["cart", "mail"], leaving: [] }];
  if (method === "PUT") groups.set(name, body);
  if (!groups.has(name)) return [404, { title: "Not Found", detail: name, code: "not_found" }];
  const answer = [200, view(name), { ETag: etag(groups.get(name)) }];
  if (method === "DELETE") groups.delete(name);
  return answer;
}
