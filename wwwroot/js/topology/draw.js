// Draws lanes and tiles into SVG with d3. It keeps nothing but what is on screen: lanes outside the view are not in the document at all.
import { select } from '../../lib/d3/d3-selection.js';
import '../../lib/d3/d3-transition.js';
import { edgePath, placed, size } from './layout.js';
import { health, lags, lagText, pickOf, roleOf, shortName, zoneText } from './meaning.js';
import { fit, joinFitting, subParts } from './text.js';

const marks = {
  moving: 'M3.4,-1A3.6,3.6 0 1 1 2.2,-2.8M3.4,-4.2v2.4h-2.4',
  wait: 'M-1.9,-3.2v6.4M1.9,-3.2v6.4',
  bad: 'M0,-3.6v4.2M0,3.3v.4',
};
const crown = 'M-8,0l2.8,-6.4 5.2,4 5.2,-4 2.8,6.4z';

/** Everything the drawing of one member needs, worked out once. */
export function memberView(instance, key, slot, context) {
  const { overlay, shared } = context;
  const component = key.slice(0, key.indexOf('/'));
  const role = roleOf(instance, context.rolesOf(component));
  const mark = overlay.members.get(key);
  const own = health(instance);
  const state = own.tone === 'bad' ? own : mark ?? own;
  const target = context.targets.get(component);
  const lag = lagText(instance);
  const updated = target ? instance.version === target : null;
  return {
    key, instance, slot, role,
    tone: state.tone,
    word: state.word,
    acting: mark?.acting ?? false,
    reason: mark?.reason,
    updated,
    lagging: !role.leads && lags(instance, context.limitsOf(component)),
    name: shortName(instance.name, shared),
    sub: subParts(instance, state, role, lag, slot.room),
    lag,
    label: [instance.name, role.word, `version ${instance.version}${updated === true ? ' (new)' : updated === false ? ' (old)' : ''}`, state.word, lag, zoneText(instance)].filter(Boolean).join(', '),
  };
}

export function laneView(lane, shard, context) {
  const members = placed(shard, lane).map(({ instance, slot, key }) => memberView(instance, key, slot, context));
  const target = context.targets.get(shard.component);
  const words = context.overlay.lanes.get(shard.key);
  const counted = target ? members.filter(m => m.updated && m.instance.ready).length : members.filter(m => m.instance.ready).length;
  const worst = ['bad', 'wait', 'moving'].find(tone => members.some(m => m.tone === tone)) ?? 'ok';
  const pick = context.pick ? pickOf(context.pick, shard, context.ahead) : null;
  return {
    lane, shard, members, target, words, worst, pick,
    title: shard.name,
    count: `${counted} of ${shard.members.size} ${target ? 'updated' : 'ready'}`,
    bars: members.map(m => (target ? m.updated && m.instance.ready : m.instance.ready)),
    status: pick ?? words ?? (worst === 'ok' ? null : { tone: worst, text: worst === 'bad' ? 'needs attention' : worst === 'wait' ? 'waits' : 'changing' }),
  };
}

/** One line for each component where there are several, numbered in the order in which the run takes them, with an arrow from each to the next. */
export function drawHeadings(layer, headings, words, width) {
  layer.selectAll('g.topo-heading').data(headings, d => d.key)
    .join(enter => {
      const g = enter.append('g').attr('class', 'topo-heading');
      g.append('path').attr('class', 'topo-then').attr('aria-hidden', 'true');
      g.append('text').attr('class', 'topo-component').attr('x', 2);
      g.append('text').attr('class', 'topo-detail');
      g.append('path').attr('class', 'topo-rule').attr('aria-hidden', 'true');
      return g;
    })
    .attr('transform', d => `translate(0,${d.y})`)
    .each(function (d) {
      const g = select(this);
      const { name, detail, place } = words(d.component);
      const after = 2 + name.length * 7.9 + 12;
      const room = width - after - 8;
      const shown = fit(detail, room, 6.4);
      g.select('.topo-component').text(name);
      g.select('.topo-detail').attr('x', after).text(shown);
      const from = after + shown.length * 6.6 + 14;
      g.select('.topo-rule').attr('d', from < width - 40 ? `M${from},-4H${width - 1}` : null);
      g.select('.topo-then').attr('d', place > 0 ? 'M7,-30v11m-3.5,-3.5l3.5,3.5 3.5,-3.5' : null);
    });
}

/** @param {number} calm duration of a switchover's move in ms; 0 where the viewer wants no motion */
export function drawLanes(layer, views, calm) {
  layer.selectAll('g.topo-lane').data(views, d => d.lane.key)
    .join(enter => enterLane(enter), update => update, exit => exit.remove())
    .attr('transform', d => `translate(${d.lane.x},${d.lane.y})`)
    .attr('data-tone', d => d.words?.tone ?? (d.worst === 'bad' ? 'bad' : null))
    .classed('picked', d => d.pick?.picked ?? false)
    .each(function (view) {
      if (this.__view === view) return; // views are kept until their shard changes
      this.__view = view;
      updateLane(select(this), view, calm);
    });
}

function enterLane(enter) {
  const g = enter.append('g').attr('class', 'topo-lane').attr('role', 'group');
  g.append('rect').attr('class', 'topo-box').attr('rx', 10);
  const head = g.append('g').attr('class', 'topo-lane-head');
  head.append('text').attr('class', 'topo-shard');
  head.append('text').attr('class', 'topo-count');
  head.append('text').attr('class', 'topo-status');
  head.append('g').attr('class', 'topo-bars');
  g.append('g').attr('class', 'topo-edges');
  g.append('g').attr('class', 'topo-members');
  return g;
}

function updateLane(g, view, calm) {
  const { lane, status } = view;
  g.attr('aria-label', [`Shard ${view.title}`, view.count, status?.text].filter(Boolean).join(', '));
  g.select('.topo-box').attr('width', lane.w).attr('height', lane.h);
  const left = view.pick ? 46 : 18;
  g.select('.topo-shard').attr('x', left).attr('y', lane.narrow ? 26 : 33).text(fit(view.title, lane.narrow ? lane.w - 132 - left : size.label - 32 - left, 7.6));
  g.select('.topo-count').attr('x', lane.narrow ? lane.w - 16 : left).attr('y', lane.narrow ? 26 : 52).attr('text-anchor', lane.narrow ? 'end' : 'start').text(view.count);
  g.select('.topo-status').attr('x', left).attr('y', lane.narrow ? 44 : 70).attr('data-tone', status?.tone ?? null).text(status?.text ?? '');
  drawPick(g, view, { x: 18, y: lane.narrow ? 14 : 20, left, line: lane.narrow ? 44 : 70, right: lane.narrow ? lane.w - 100 : size.label - 8 });
  const bars = view.bars.length <= 12 ? view.bars : [];
  const right = lane.w - 16 - bars.length * 16 + 4;
  g.select('.topo-bars').selectAll('rect').data(bars)
    .join('rect').attr('x', (_, i) => (lane.narrow ? right : left) + i * 16).attr('y', lane.narrow ? 37 : status ? 79 : 64).attr('width', 12).attr('height', 4).attr('rx', 2).classed('on', d => d === true);
  drawMembers(g.select('.topo-members'), view.members, calm);
  drawEdges(g.select('.topo-edges'), view.members, calm);
}

// Where shards are picked: a box to tick, and the numbers of the stages that take the shard before their names. The whole lane is what is clicked and focused.
function drawPick(g, { lane, pick, title, count }, at) {
  if (!pick) return;
  let mark = g.select('.topo-pickmark');
  if (mark.empty()) {
    g.insert('rect', '.topo-lane-head').attr('class', 'topo-hit topo-pick').attr('role', 'checkbox').attr('tabindex', -1).attr('data-key', lane.key).attr('rx', 10);
    mark = g.append('g').attr('class', 'topo-pickmark').attr('aria-hidden', 'true');
    mark.append('rect').attr('width', 18).attr('height', 18).attr('rx', 4);
    mark.append('path').attr('d', 'M4.5,9.5l3.2,3.2 6,-7');
  }
  g.select('.topo-pick').attr('width', lane.w).attr('height', lane.h)
    .attr('aria-checked', pick.picked).attr('aria-disabled', pick.open ? null : 'true').attr('aria-label', `Shard ${title}, ${count}, ${pick.label}`);
  mark.attr('transform', `translate(${at.x},${at.y})`).classed('on', pick.picked).classed('shut', !pick.open);
  g.selectAll('g.topo-stageno').data(pick.stages.slice(0, 4))
    .join(enter => {
      const no = enter.append('g').attr('class', 'topo-stageno').attr('aria-hidden', 'true');
      no.append('circle').attr('r', 8);
      no.append('text').attr('y', 4);
      return no;
    })
    .attr('data-hue', d => hueOf(d))
    .attr('transform', (_, i) => `translate(${at.left + 8 + i * 19},${at.line - 4})`)
    .select('text').text(d => d);
  const after = at.left + Math.min(4, pick.stages.length) * 19 + (pick.stages.length > 0 ? 3 : 0);
  g.select(at.text ?? '.topo-status').attr('x', after).attr('y', at.line).attr('data-tone', pick.tone).text(fit(pick.text, at.right - after, 6.3));
}

/** Colours of stages come round again; the number and the name tell them apart. */
export const hueOf = stage => ((stage - 1) % 6) + 1;

function drawEdges(layer, members, calm) {
  const leader = members.find(m => m.role.leads);
  const followers = leader ? members.filter(m => m !== leader && m.role.known && !m.role.leads && !m.role.votesOnly) : [];
  const edges = followers.map((m, i) => ({ key: m.key, d: edgePath(leader.slot, m.slot, i, followers.length), lagging: m.lagging || m.tone === 'wait', broken: m.instance.phase !== 'Running' }));
  layer.selectAll('path').data(edges, d => d.key)
    .join(enter => enter.append('path').attr('class', 'topo-edge').attr('d', d => d.d), update => move(update, calm).attr('d', d => d.d), exit => exit.remove());
  layer.selectAll('path').classed('slow', d => d.lagging).classed('broken', d => d.broken);
}

// d3's transition of the same name replaces a running one, so fast frames cannot pile up.
function move(selection, calm) {
  return calm > 0 ? selection.transition('move').duration(calm) : selection;
}

// In the document by ordinal, on screen by slot: a switchover then moves no element in the document, and the focus stays where it is.
function drawMembers(layer, members, calm) {
  const byOrdinal = [...members].sort((a, b) => (a.instance.ordinal ?? 0) - (b.instance.ordinal ?? 0));
  const joined = layer.selectAll('g.topo-member').data(byOrdinal, d => d.key)
    .join(enter => enterMember(enter).attr('transform', d => `translate(${d.slot.x},${d.slot.y})`), update => update, exit => exit.remove());
  joined.filter(function (d) { return this.__slot !== `${d.slot.x},${d.slot.y}`; }).each(function (d) {
    const first = this.__slot === undefined;
    this.__slot = `${d.slot.x},${d.slot.y}`;
    if (!first) move(select(this), calm).attr('transform', `translate(${d.slot.x},${d.slot.y})`);
  });
  joined
    .attr('data-tone', d => d.tone)
    .classed('new', d => d.updated === true)
    .classed('unknown', d => !d.role.known)
    .classed('leads', d => d.role.leads)
    .classed('acting', d => d.acting);
  joined.each(function (d) {
    const g = select(this);
    const half = d.role.votesOnly ? 13 : size.r;
    const body = g.select('.topo-body').attr('x', -half).attr('y', -half).attr('width', 2 * half).attr('height', 2 * half);
    const rx = d.role.leads ? 8 : half;
    if (Number(body.attr('rx')) !== rx) (body.attr('rx') === null ? body : move(body, calm)).attr('rx', rx);
    g.select('.topo-letter').text(d.role.letter);
    g.select('.topo-name').text(fit(d.name, d.slot.room, 6.9));
    g.select('.topo-sub').text(joinFitting(d.sub, d.slot.room, 6.1));
    g.select('.topo-mark path').attr('d', marks[d.tone] ?? null);
    g.select('.topo-mark').style('display', marks[d.tone] ? null : 'none');
    g.select('.topo-hit').attr('width', 2 * size.r + 16 + Math.max(20, d.slot.room)).attr('aria-label', d.label);
  });
}

function enterMember(enter) {
  const r = size.r;
  const g = enter.append('g').attr('class', 'topo-member');
  const look = g.append('g').attr('aria-hidden', 'true');
  look.append('circle').attr('class', 'topo-turn').attr('r', r + 6);
  look.append('path').attr('class', 'topo-crown').attr('d', crown).attr('transform', `translate(0,${-r - 3.5})`);
  look.append('rect').attr('class', 'topo-body');
  look.append('text').attr('class', 'topo-letter').attr('y', 4.7);
  look.append('text').attr('class', 'topo-name').attr('x', r + 10).attr('y', -2);
  look.append('text').attr('class', 'topo-sub').attr('x', r + 10).attr('y', 13);
  const mark = look.append('g').attr('class', 'topo-mark').attr('transform', `translate(${r - 2},${-r + 1})`);
  mark.append('circle').attr('r', 7.5);
  mark.append('path');
  hit(g).attr('x', -r - 8).attr('y', -30).attr('height', 60).attr('rx', 8);
  return g;
}

// What is pointed at and focused: one transparent shape over the drawing, with the whole meaning in its name. The drawing itself is silent, or it would be read twice.
function hit(g) {
  return g.append('rect').attr('class', 'topo-hit').attr('role', 'button').attr('tabindex', -1).attr('data-key', d => d.key ?? d.lane.key);
}

/** Above about a thousand members: one tile a shard, its members inside once zoomed in. */
export function drawTiles(layer, views, detail) {
  layer.selectAll('g.topo-tile').data(views, d => d.lane.key)
    .join(enter => {
      const tile = enter.append('g').attr('class', 'topo-tile');
      const g = tile.append('g').attr('aria-hidden', 'true');
      g.append('rect').attr('class', 'topo-box').attr('rx', 7);
      g.append('text').attr('class', 'topo-shard').attr('x', 10).attr('y', 20);
      g.append('text').attr('class', 'topo-count').attr('x', 10).attr('y', 36);
      g.append('path').attr('class', 'topo-sign');
      g.append('rect').attr('class', 'topo-track').attr('x', 10).attr('y', size.tileH - 11).attr('height', 4).attr('rx', 2);
      g.append('rect').attr('class', 'topo-fill').attr('x', 10).attr('y', size.tileH - 11).attr('height', 4).attr('rx', 2);
      hit(tile).attr('height', size.tileH).attr('rx', 7).filter(d => d.pick).remove();
      tile.append('g').attr('class', 'topo-dots');
      return tile;
    })
    .attr('transform', d => `translate(${d.lane.x},${d.lane.y})`)
    .attr('data-tone', d => d.words?.tone ?? d.worst)
    .classed('picked', d => d.pick?.picked ?? false)
    .classed('detail', detail)
    .each(function (d) {
      if (this.__view === d && this.__detail === detail) return;
      [this.__view, this.__detail] = [d, detail];
      const g = select(this);
      if (!d.pick) g.select('.topo-hit').attr('width', d.lane.w).attr('aria-label', `Shard ${d.title}, ${d.count}${d.status ? `, ${d.status.text}` : ''}`);
      g.select('.topo-box').attr('width', d.lane.w).attr('height', d.lane.h);
      g.select('.topo-shard').text(fit(d.title, d.lane.w - (d.pick ? 58 : 40), 6.6));
      g.select('.topo-shard').attr('x', d.pick ? 34 : 10).attr('y', detail ? 14 : d.pick ? 18.5 : 20);
      g.select('.topo-count').attr('x', detail ? d.lane.w - 24 : 10).attr('y', detail ? 14 : 36).attr('text-anchor', detail ? 'end' : 'start').text(detail ? d.count : d.status?.text ?? d.count);
      g.select('.topo-sign').attr('transform', `translate(${d.lane.w - 14},${detail ? 11.5 : 16})`).attr('d', marks[d.worst] ?? null);
      g.select('.topo-track').attr('width', d.lane.w - 20);
      g.select('.topo-fill').attr('width', ((d.lane.w - 20) * d.bars.filter(Boolean).length) / Math.max(1, d.bars.length));
      drawPick(g, d, { x: 9, y: 5, left: 10, line: 41, right: d.lane.w - 8, text: '.topo-count' });
      drawDots(g.select('.topo-dots'), detail && !d.pick ? d.members : []);
    });
}

function drawDots(layer, members) {
  layer.selectAll('g.topo-member').data(members, d => d.key)
    .join(enter => {
      const g = enter.append('g').attr('class', 'topo-member small');
      const look = g.append('g').attr('aria-hidden', 'true');
      look.append('circle').attr('class', 'topo-turn').attr('r', 7.6);
      look.append('rect').attr('class', 'topo-body').attr('x', -5.5).attr('y', -5.5).attr('width', 11).attr('height', 11);
      look.append('text').attr('class', 'topo-letter').attr('y', 2.3);
      look.append('text').attr('class', 'topo-name').attr('x', 8).attr('y', -0.4);
      look.append('text').attr('class', 'topo-sub').attr('x', 8).attr('y', 5);
      hit(g).attr('x', -7.5).attr('y', -7.5).attr('height', 15).attr('rx', 3);
      return g;
    })
    .attr('transform', d => `translate(${d.slot.x},${d.slot.y})`)
    .attr('data-tone', d => d.tone)
    .classed('new', d => d.updated === true)
    .classed('unknown', d => !d.role.known)
    .classed('acting', d => d.acting)
    .each(function (d) {
      select(this).select('.topo-hit').attr('width', 15 + d.slot.room).attr('aria-label', d.label);
      select(this).select('.topo-name').text(d.slot.room ? fit(d.name, d.slot.room, 3.1) : '');
      select(this).select('.topo-sub').text(d.slot.room ? joinFitting(d.sub, d.slot.room, 2.5) : '');
      select(this).select('.topo-body').attr('rx', d.role.leads ? 2.5 : 5.5);
      select(this).select('.topo-letter').text(d.role.letter);
    });
}

/** Far out: all tiles as one path per tone, a handful of nodes however many shards there are. Each tone has a shape of its own, so that colour is not alone. */
export function drawFar(layer, views, hits = () => true) {
  const paths = [];
  for (const [tone, shape] of Object.entries(farShapes)) {
    const toned = views.filter(v => (v.words?.tone ?? v.worst) === tone);
    for (const hit of [false, true]) {
      const d = toned.filter(v => hits(v) === hit).map(v => shape(v.lane)).join('');
      if (d) paths.push({ key: `${tone}${hit}`, tone, hit, d });
    }
  }
  layer.selectAll('path.topo-far').data(paths, d => d.key).join('path').attr('class', 'topo-far').classed('hit', d => d.hit).attr('data-tone', d => d.tone).attr('d', d => d.d);
}

const box = (x, y, w, h) => `M${x},${y}h${w}v${h}h${-w}z`;
const farShapes = {
  ok: ({ x, y, w, h }) => box(x, y, w, h),
  idle: ({ x, y, w, h }) => box(x, y, w, h),
  moving: ({ x, y, w, h }) => `M${x},${y + h / 2}l${w / 2},${-h / 2} ${w / 2},${h / 2} ${-w / 2},${h / 2}z`,
  wait: ({ x, y, w, h }) => box(x + w * 0.12, y, w * 0.28, h) + box(x + w * 0.6, y, w * 0.28, h),
  bad: ({ x, y, w, h }) => box(x - size.tileGap, y - size.tileGap, w + 2 * size.tileGap, h + 2 * size.tileGap),
};
