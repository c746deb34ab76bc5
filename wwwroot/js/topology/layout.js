// Where everything goes: a pure function of the sorted keys, the leaders and the width. The same cluster always looks the same; a frame that adds nobody moves nobody.
import { shardsOf, slotOrder } from './model.js';

export const size = { r: 17, lane: 92, gap: 10, label: 232, slot: 168, slotMax: 330, row: 66, heading: 40, narrow: 720, tileW: 160, tileH: 58, tileGap: 8, tileMin: 140 };
const tilesAbove = 1000;
const pickedAsTiles = 12; // shards, above which one picks from tiles: a hundred lanes are a long way to go
const mapAspect = 2.3; // of a map of tiles: about that of the window it is seen through

/**
 * @param {object} model see model.js
 * @param {number} width of the drawing in CSS pixels; tiles do not depend on it, they are a map that one zooms into
 * @param {boolean} [picking] shards are picked: tiles as wide as the drawing instead of a map
 * @returns {{ kind: 'lanes' | 'tiles', width: number, height: number, headings: object[], lanes: object[] }}
 */
export function layout(model, width, picking = false) {
  const kind = model.count > tilesAbove || (picking && model.shards.size > pickedAsTiles) ? 'tiles' : 'lanes';
  const columns = Math.max(1, picking ? Math.floor(width / (size.tileMin + size.tileGap)) : Math.ceil(Math.sqrt((model.shards.size * mapAspect * (size.tileH + size.tileGap)) / (size.tileW + size.tileGap))));
  const tileW = picking ? (width + size.tileGap - 1) / columns - size.tileGap : size.tileW;
  const left = picking ? 0.5 : size.tileGap;
  const result = { kind, width: kind === 'tiles' && !picking ? columns * (size.tileW + size.tileGap) + size.tileGap : width, height: 0, headings: [], lanes: [] };
  let y = kind === 'tiles' ? left : 0;
  const components = [...model.components.values()];
  for (const component of components) {
    const shards = shardsOf(model, component.name);
    if (shards.length === 0) continue;
    if (components.length > 1) {
      result.headings.push({ key: component.name, component: component.name, y: y + 26 });
      y += size.heading;
    }
    y = (kind === 'tiles' ? placeTiles(result.lanes, shards, { columns, tileW, left }, y) : placeLanes(result.lanes, shards, width, y)) + size.gap;
  }
  result.height = Math.max(60, y - size.gap);
  return result;
}

function placeLanes(lanes, shards, width, top) {
  let y = top;
  for (const shard of shards) {
    const slots = slotsOf(shard.members.size, width);
    lanes.push({ key: shard.key, x: 0.5, y: y + 0.5, w: width - 1, h: slots.height, ...slots });
    y += slots.height + size.gap;
  }
  return y;
}

// Wide: the shard's words on the left, its members in a row. Narrow (a phone): words on top, members wrap below.
function slotsOf(count, width) {
  const narrow = width < size.narrow;
  const left = narrow ? 14 : size.label;
  const room = width - left - 8;
  const perRow = Math.max(1, Math.floor(room / (narrow ? 150 : size.slot)));
  const columns = Math.min(Math.max(count, 1), perRow);
  // A phone's rows stand under each other; otherwise members share the width.
  const pitch = narrow && count > perRow ? room / perRow : Math.min(size.slotMax, room / columns);
  const rows = Math.max(1, Math.ceil(count / perRow));
  const first = narrow ? 88 : rows === 1 ? size.lane / 2 + 2 : 45;
  const slots = Array.from({ length: count }, (_, i) => ({ x: left + 26 + (i % perRow) * pitch, y: first + Math.floor(i / perRow) * size.row, room: pitch - 2 * size.r - 22 }));
  return { narrow, slots, height: narrow ? first + (rows - 1) * size.row + 40 : Math.max(size.lane, first + (rows - 1) * size.row + 42) };
}

function placeTiles(tiles, shards, { columns, tileW, left }, top) {
  shards.forEach((shard, i) => tiles.push({
    key: shard.key,
    x: left + (i % columns) * (tileW + size.tileGap),
    y: top + Math.floor(i / columns) * (size.tileH + size.tileGap),
    w: tileW,
    h: size.tileH,
    slots: tileSlots(shard.members.size),
  }));
  return top + Math.ceil(shards.length / columns) * (size.tileH + size.tileGap);
}

// Members inside a tile, drawn only when one has zoomed in: up to three with their names, up to nine as shapes, beyond that the tile's count speaks for them.
function tileSlots(count) {
  const named = count <= 3;
  const pitch = named ? (size.tileW - 20) / Math.max(1, count) : 15.5;
  return Array.from({ length: Math.min(count, 9) }, (_, i) => ({ x: 16 + i * pitch, y: 33, room: named ? pitch - 17 : 0 }));
}

/** Members of a lane with their slots, leader first. */
export function placed(shard, lane) {
  return slotOrder(shard).slice(0, lane.slots.length).map((instance, i) => ({ instance, slot: lane.slots[i], key: `${shard.key}/${instance.name}` }));
}

/** A replication edge from the leader's slot to follower number `index` of `count`: below and above in turn, the farther the higher, so that none covers another. */
export function edgePath(from, to, index, count) {
  const r = size.r;
  if (from.y === to.y) {
    const side = index % 2 === 0 ? 1 : -1;
    const perSide = Math.ceil(count / 2);
    const lift = perSide === 1 ? 22 : 8 + (22 * Math.floor(index / 2)) / (perSide - 1);
    const reach = Math.min(110, (to.x - from.x) * 0.4);
    return `M${from.x + 12},${from.y + side * 16}C${from.x + reach},${from.y + side * (16 + lift)} ${to.x - reach},${to.y + side * (16 + lift)} ${to.x - 11},${to.y + side * 14}`;
  }
  return `M${from.x},${from.y + r + 1}C${from.x},${from.y + r + 20} ${to.x},${to.y - r - 20} ${to.x},${to.y - r - 1}`;
}
