// Where a place in a half-typed YAML document is, by indentation alone: a parser gives up on the very line that is being typed. No browser, no packages.

/** @typedef {{ path: string[], kind: 'key' | 'value', key: string | null, column: number, flow: boolean, dash: boolean, known: Record<string, string> }} Place */

const token = /^(- +|-$)|^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:'"[\]{},-][^\s#:[\]{},]*) *:(?= |$)/;

/** The dashes and the one key that a line begins with. */
function tokensOf(line) {
  const found = [];
  let at = line.length - line.trimStart().length;
  if (line[at] === '#') return { found, rest: line.length };
  for (let m = token.exec(line.slice(at)); m; m = token.exec(line.slice(at))) {
    found.push(m[1] ? { column: at, dash: true } : { column: at, name: m[2].replace(/^["']|["']$/g, '') });
    at += m[0].length;
    if (!m[1]) break;
  }
  return { found, rest: at };
}

const parentOf = (limit, t) => (limit.dash ? (t.dash ? t.column < limit.column : t.column <= limit.column) : t.column < limit.column);

function climb(lines, row, limit) {
  const path = [];
  for (let r = row; r >= 0 && limit.column >= 0; r--) {
    const { found } = tokensOf(lines[r]);
    for (const t of found.reverse()) {
      if (!(r === row ? t.column < limit.column : parentOf(limit, t))) continue;
      path.unshift(t.dash ? '[]' : t.name);
      limit = t;
    }
    if (limit.column === 0 && !limit.dash) break;
  }
  return path;
}

/** Follows `{ a: [ b, c ] }` up to the cursor; what a flow holds stands on one line, else null. */
function inFlow(text) {
  const open = [];
  let word = '';
  let quote = '';
  for (const c of text) {
    const top = open.at(-1);
    if (quote) {
      quote = c === quote ? '' : quote;
      word += c;
    } else if ((c === '"' || c === "'") && !word.trim()) {
      quote = c;
      word += c;
    } else if (c === '{' || c === '[') {
      open.push({ list: c === '[', key: null, known: {} });
      word = '';
    } else if (c === '}' || c === ']') {
      if (!open.pop()) return null;
      word = '';
    } else if (c === ',' && top) {
      if (top.key) top.known[top.key] = word.trim();
      top.key = null;
      word = '';
    } else if (c === ':' && top && !top.list && !top.key) {
      top.key = word.trim().replace(/^["']|["']$/g, '');
      word = '';
    } else {
      word += c;
    }
  }
  return open.length === 0 ? null : { open, quote };
}

/** Keys of the mapping that the column belongs to, with what stands behind them. */
function neighbours(lines, row, column) {
  const known = {};
  const take = r => {
    const { found, rest } = tokensOf(lines[r]);
    const first = found[0]?.column ?? Infinity;
    const mine = found.find(t => !t.dash && t.column === column);
    if (mine) known[mine.name] = lines[r].slice(rest).trim();
    return found.length === 0 || (first >= column && (first > column || !found[0].dash));
  };
  const own = tokensOf(lines[row]).found.some(t => t.dash && t.column < column);
  if (!own) for (let r = row - 1; r >= 0 && take(r); r--);
  for (let r = row + 1; r < lines.length && take(r); r++);
  return known;
}

/**
 * @param {string[]} lines @param {number} row @param {number} column
 * @returns {Place | null} null inside a comment
 */
export function placeAt(lines, row, column) {
  const before = lines[row].slice(0, column);
  if (/(^|\s)#/.test(before)) return null;
  const { found, rest } = tokensOf(lines[row]);
  const key = found.find(t => !t.dash);
  const behind = key !== undefined && rest <= column;
  const flow = behind || !key ? inFlow(before.slice(behind ? rest : found.filter(t => t.column < column).length ? rest : 0)) : null;
  const dashes = found.filter(t => t.dash && t.column < column);
  const indent = before.length - before.trimStart().length;
  const start = key ? key.column : dashes.length > 0 ? rest : indent;
  const path = climb(lines, row, { column: start });
  if (flow) {
    if (key) path.push(key.name);
    for (const level of flow.open.slice(0, -1)) path.push(level.list ? '[]' : level.key ?? '');
    const last = flow.open.at(-1);
    if (last.list) return { path: [...path, '[]'], kind: 'value', key: null, column: start, flow: true, dash: false, known: {} };
    return last.key ? { path: [...path, last.key], kind: 'value', key: last.key, column: start, flow: true, dash: false, known: last.known } : { path, kind: 'key', key: null, column: start, flow: true, dash: false, known: last.known };
  }
  const known = neighbours(lines, row, start);
  if (behind) return { path: [...path, key.name], kind: 'value', key: key.name, column: start, flow: false, dash: false, known };
  return { path, kind: 'key', key: key?.name ?? null, column: start, flow: false, dash: dashes.length > 0, known };
}
