// What a JSON schema says about a place in a document: which keys, which values, in which words. No browser, no packages.

/** The alternatives that a node stands for: references followed, a description beside a reference kept. */
function expand(root, node) {
  if (!node || typeof node !== 'object') return [];
  if (node.$ref) {
    const { $ref, ...own } = node;
    const target = $ref.split('/').slice(1).reduce((at, part) => at?.[part], root);
    return expand(root, target).map(t => ({ ...t, ...own }));
  }
  const choices = (node.oneOf ?? node.anyOf ?? []).filter(c => c.$ref || c.type || c.const !== undefined || c.enum || c.properties);
  if (choices.length === 0) return [node];
  const { oneOf, anyOf, ...rest } = node;
  return choices.flatMap(c => expand(root, c)).map(c => ({ ...rest, ...c, description: c.description ?? rest.description }));
}

/** @param {object} schema @param {string[]} path keys; '[]' for an item of a list */
export function nodesAt(schema, path) {
  let nodes = expand(schema, schema);
  for (const part of path) {
    nodes = nodes.flatMap(n => expand(schema, part === '[]' ? n.items : n.properties?.[part] ?? (typeof n.additionalProperties === 'object' ? n.additionalProperties : null)));
  }
  return nodes;
}

const kindOf = (schema, node) => {
  const kinds = new Set(expand(schema, node).map(n => n.type ?? (n.properties ? 'object' : 'value')));
  return kinds.size === 1 ? [...kinds][0] : 'value';
};

/** Keys that may still be written here. In a list that has no dash yet the keys of its items, with the dash. */
export function keysAt(schema, path, known = {}) {
  const nodes = nodesAt(schema, path);
  const items = nodes.some(n => n.properties) ? [] : nodes.flatMap(n => expand(schema, n.items));
  const dash = items.length > 0;
  const seen = new Set(Object.keys(known));
  return (dash ? items : nodes).flatMap(n => Object.entries(n.properties ?? {}).map(([name, node]) => ({ name, node, required: n.required?.includes(name) ?? false })))
    .filter(k => !seen.has(k.name) && seen.add(k.name))
    .map(k => ({ name: k.name, dash, kind: kindOf(schema, k.node), required: k.required, about: aboutOf(expand(schema, k.node)) }));
}

/** Values that may stand here; `words` are those that only the server knows (versions, shards …), by path. */
export function valuesAt(schema, path, known = {}, words = {}) {
  const found = new Map();
  const add = (text, about, detail = '') => found.has(text) || found.set(text, { text, about, detail });
  for (const w of wordsAt(path, known, words)) add(w.text, w.about ?? '', w.detail ?? '');
  for (const node of nodesAt(schema, path)) {
    for (const value of node.const !== undefined ? [node.const] : node.enum ?? (node.type === 'boolean' ? [true, false] : [])) add(String(value), '', value === node.default ? 'default' : '');
    if (node.default !== undefined && typeof node.default !== 'object') add(String(node.default), '', 'default');
  }
  return [...found.values()];
}

function wordsAt(path, known, words) {
  const here = path.join('/');
  return (words[here] ?? []).filter(w => !w.when || Object.entries(w.when).every(([key, value]) => known[key]?.replace(/^["']|["']$/g, '') === value));
}

const aboutOf = nodes => [...new Set(nodes.map(n => n.description).filter(Boolean))].join(' ');

/** What the schema says about the value at this path, or an empty text. */
export function about(schema, path) {
  return aboutOf(nodesAt(schema, path));
}
