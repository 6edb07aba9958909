/**
 * Return `fresh` with every part of `known` that is equal to it kept as the very same object: what has not changed is
 * not drawn again. Both are plain JSON; an instance of a class (thousands of figures that are new each time) is taken as it comes.
 */
export function share(known: unknown, fresh: unknown): unknown {
  if (Object.is(known, fresh) || !isTree(known) || !isTree(fresh) || Array.isArray(known) !== Array.isArray(fresh)) return fresh;
  const names = Object.keys(fresh);
  const copy: Tree = Array.isArray(fresh) ? ([] as unknown as Tree) : {};
  let same = names.length === Object.keys(known).length;
  for (const name of names) {
    copy[name] = share(known[name], fresh[name]);
    same &&= name in known && Object.is(copy[name], known[name]);
  }
  return same ? known : copy;
}

type Tree = Record<string, unknown>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
}
