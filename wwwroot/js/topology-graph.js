// The topology graph: wires the feed to the model, the model to the drawing, and pointer and keyboard to both. create() is the one entry point; it needs no Blazor
// (the status screens use it without), only a host element.
import { pointer, select } from '../lib/d3/d3-selection.js';
import { zoom, zoomIdentity } from '../lib/d3/d3-zoom.js';
import { drawFar, drawHeadings, drawLanes, drawTiles, laneView } from './topology/draw.js';
import { openFeed } from './topology/feed.js';
import { frameOf, legendText, showCard, hideCard } from './topology/frame.js';
import { layout, size } from './topology/layout.js';
import { laneRange, overlayOf, pickOf, sharedPrefix } from './topology/meaning.js';
import { apply, applyRun, emptyModel } from './topology/model.js';

const tallest = 1300; // a taller drawing gets a window of its own that pans, instead of making the page endless
const far = 0.5;
const near = 1.9;
// What the chips filter by.
const kinds = {
  ok: m => m.tone === 'ok',
  moving: m => m.tone === 'moving',
  wait: m => m.tone === 'wait',
  bad: m => m.tone === 'bad',
  old: m => m.updated === false,
};
const usualRoles = ['primary', 'leader', 'master', 'controller'].map(name => ({ name, letter: name[0].toUpperCase(), leads: true }));

/**
 * @param {HTMLElement} host empty; owned by the graph from here on
 * @param {{ cluster: string, run?: string, targets?: Record<string, string>, roles?: { name: string, letter: string, leads: boolean }[], limits?: { seconds?: number, bytes?: number }, parts?: Record<string, { roles: { name: string, letter: string, leads: boolean }[], limits: { seconds?: number, bytes?: number } }>, selected?: string, pick?: object, hub?: string, quiet?: boolean }} options
 *   pick: shards are picked for a stage (see pickOf in meaning.js) instead of members being opened; hub: another hub than /hubs/live, for screens without a login; quiet: only to look at, nothing opens
 * @param {{ invokeMethodAsync(name: string, ...args: unknown[]): Promise<void> } | null} blazor told about selection by OnSelected(component, shard, instance), about shards by OnPicked(lanes, on)
 */
export function create(host, options, blazor) {
  const ui = frameOf(host, options.quiet, options.pick);
  const svg = select(ui.svg);
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const headings = select(ui.world).append('g');
  const lanes = select(ui.world).append('g');
  let model = emptyModel();
  let run = null;
  let overlay = overlayOf(null);
  let shared = '';
  let plan = layout(model, 900);
  let structure = -1;
  let views = new Map();
  let transform = zoomIdentity;
  let windowed = false;
  let touched = false;
  let query = '';
  let filter = null;
  let selected = options.selected ?? null;
  let focused = null;
  let frame = 0;
  let waiting = [];
  let feedState = 'connecting';
  const ahead = new Map(); // shards that were picked and are not confirmed yet
  let anchor = null; // the shard that was picked last, and whether it went in

  const zoomer = zoom().scaleExtent([0.05, 4])
    .filter(event => !options.pick && (event.type === 'wheel' ? event.ctrlKey || event.metaKey : event.type.startsWith('touch') ? event.touches.length > 1 : !event.button))
    .on('zoom', event => {
      transform = event.transform;
      if (event.sourceEvent) touched = true;
      schedule();
    });
  svg.call(zoomer).on('dblclick.zoom', null);
  ui.svg.addEventListener('wheel', panByWheel, { passive: false });
  ui.stage.addEventListener('scroll', schedule, { passive: true });

  const resize = new ResizeObserver(() => relayout());
  resize.observe(ui.stage);
  const ticker = setInterval(showFreshness, 1000);

  const feed = openFeed({
    hub: options.hub,
    topology: incoming => queued(() => {
      const dirty = apply(model, incoming, leads);
      if (dirty) dirty.forEach(key => views.delete(key));
      else views.clear();
      return model.version;
    }),
    run: incoming => queued(() => {
      run = applyRun(run, incoming);
      overlay = overlayOf(run);
      views.clear();
      return String(incoming.seq);
    }),
    state: now => {
      feedState = now;
      showFreshness();
    },
    versions: () => ({ topology: model.version, run: run?.seq ?? 0 }),
  });
  feed.watch(options.cluster, options.run ?? null);

  function leads(role, component) {
    return (options.parts?.[component]?.roles ?? options.roles ?? usualRoles).some(r => r.leads && r.name === role);
  }

  // Frames are applied and drawn together in one animation frame, then acknowledged: a tab that is not seen draws nothing and is sent nothing.
  function queued(take) {
    return new Promise(applied => {
      waiting.push({ take, applied });
      schedule();
    });
  }

  function schedule() {
    if (!frame) frame = requestAnimationFrame(paint);
  }

  function paint() {
    frame = 0;
    const frames = waiting.map(({ take, applied }) => [applied, take()]);
    waiting = [];
    if (model.structure !== structure) relayout(false);
    draw();
    frames.forEach(([applied, version]) => applied(version));
  }

  function relayout(redraw = true) {
    structure = model.structure;
    const width = Math.max(280, ui.stage.clientWidth);
    plan = layout(model, width, Boolean(options.pick));
    views.clear();
    shared = sharedPrefix([...model.shards.values()].flatMap(s => [...s.members.keys()]).slice(0, 2000));
    // Where shards are picked the drawing scrolls like any list, however long it is: there is no zoom to get lost in.
    windowed = !options.pick && (plan.kind === 'tiles' || plan.height > tallest);
    ui.svg.setAttribute('width', width);
    ui.svg.setAttribute('height', windowed ? Math.max(420, Math.round(innerHeight * 0.68)) : Math.ceil(plan.height) + 1);
    const view = { width, height: Number(ui.svg.getAttribute('height')) };
    const margin = plan.kind === 'tiles' ? 400 : 60;
    zoomer.extent([[0, 0], [view.width, view.height]]).translateExtent([[-margin, -margin], [Math.max(width, plan.width) + margin, Math.max(plan.height, view.height) + margin]]);
    host.classList.toggle('topo-windowed', windowed);
    // A map starts whole; where somebody has gone by themselves, they stay.
    if (plan.kind === 'tiles' && !touched && !options.pick) svg.call(zoomer.transform, whole());
    if (redraw) draw();
  }

  function inView() {
    if (options.pick) {
      const { scrollTop: top, clientHeight: seen } = ui.stage;
      return plan.lanes.filter(l => l.y + l.h > top - 300 && l.y < top + seen + 300);
    }
    const height = Number(ui.svg.getAttribute('height'));
    const width = Number(ui.svg.getAttribute('width'));
    const [x0, y0] = transform.invert([0, 0]);
    const [x1, y1] = transform.invert([width, height]);
    const margin = plan.kind === 'tiles' ? 40 : 220;
    return plan.lanes.filter(l => l.y + l.h > y0 - margin && l.y < y1 + margin && l.x + l.w > x0 - margin && l.x < x1 + margin);
  }

  function context() {
    const targets = new Map(overlay.targets);
    for (const [component, version] of Object.entries(options.targets ?? {})) targets.set(component, version);
    for (const component of model.components.values()) {
      if (!targets.has(component.name) && mixed(component.name)) targets.set(component.name, component.version);
    }
    const roles = options.roles ?? [...usualRoles, ...rolesSeen()];
    return {
      overlay, shared, targets, ahead,
      pick: options.pick,
      // A component may have roles of its own: config servers elect a primary, routers have no roles at all.
      rolesOf: component => options.parts?.[component]?.roles ?? roles,
      limitsOf: component => limitsFrom(options.parts?.[component]?.limits ?? options.limits),
    };
  }

  // More than one version in a component: show who has the wanted one, although no run is known.
  function mixed(component) {
    let first = null;
    for (const shard of model.shards.values()) {
      if (shard.component !== component) continue;
      for (const { version } of shard.members.values()) {
        if (first === null) first = version;
        else if (first !== version) return true;
      }
    }
    return false;
  }

  function limitsFrom(limits) {
    return { seconds: limits?.seconds ?? 10, bytes: limits?.bytes ?? 1_048_576 };
  }

  // Without the profile's table: every role that was seen, by its first letter.
  function rolesSeen() {
    const seen = new Set();
    for (const shard of model.shards.values()) for (const { role } of shard.members.values()) if (role) seen.add(role);
    return [...seen].map(name => ({ name, letter: name[0].toUpperCase(), leads: false }));
  }

  function viewsOf(list) {
    const now = context();
    return list.map(lane => {
      let view = views.get(lane.key);
      if (!view) views.set(lane.key, (view = laneView(lane, model.shards.get(lane.key), now)));
      return view;
    });
  }

  function draw() {
    select(ui.world).attr('transform', transform);
    const calm = still.matches ? 0 : 420;
    const visible = inView();
    const isFar = plan.kind === 'tiles' && transform.k < far;
    drawHeadings(headings, plan.headings, componentWords, plan.width);
    drawFar(lanes, isFar ? viewsOf(plan.lanes) : [], laneFits);
    drawTiles(lanes, plan.kind === 'tiles' && !isFar ? viewsOf(visible) : [], transform.k >= near);
    drawLanes(lanes, plan.kind === 'lanes' ? viewsOf(visible) : [], calm);
    if (options.quiet || options.pick) lanes.selectAll('.topo-hit[role=button]').attr('role', 'img');
    dim();
    holdFocus();
    showCounts(visible, isFar);
    ui.empty.hidden = model.count > 0;
    ui.empty.textContent = model.version === null ? 'Waiting for the first picture of the cluster…' : 'This cluster has no members.';
  }

  // A component's line: its place in the order of the run, its name, and how far it is.
  function componentWords(name) {
    const { version } = model.components.get(name);
    const target = overlay.targets.get(name);
    const from = overlay.origins.get(name);
    const rolled = [...overlay.targets.keys()];
    const place = rolled.length > 1 ? rolled.indexOf(name) : -1;
    let members = 0;
    let updated = 0;
    let ready = 0;
    let shards = 0;
    for (const shard of model.shards.values()) {
      if (shard.component !== name) continue;
      shards++;
      for (const member of shard.members.values()) {
        members++;
        if (member.ready) ready++;
        if (member.ready && member.version === target) updated++;
      }
    }
    const changes = target && from && target !== from;
    return {
      place,
      name: place >= 0 ? `${place + 1} · ${name}` : name,
      detail: [changes ? `${from} → ${target}` : version, `${shards} ${shards === 1 ? 'shard' : 'shards'}`, changes ? `${updated} of ${members} updated` : `${ready} of ${members} ready`, overlay.targets.size > 0 && !changes ? 'not touched by this run' : null].filter(Boolean).join(' · '),
    };
  }

  // What the search and the filter leave bright.
  function fits(view, member) {
    const wanted = query.trim().toLowerCase();
    if (filter && !kinds[filter](member)) return false;
    const { name, node, zone, version } = member.instance;
    return !wanted || [view.title, name, node, zone, member.role.word, version].some(v => v?.toLowerCase().includes(wanted));
  }

  function laneFits(view) {
    return !(query.trim() || filter) || view.members.some(m => fits(view, m));
  }

  function dim() {
    host.classList.toggle('topo-dimming', Boolean(query.trim() || filter));
    lanes.selectAll('g.topo-lane, g.topo-tile').classed('hit', laneFits)
      .each(function (view) {
        const members = select(this).selectAll('g.topo-member').classed('hit', m => fits(view, m)).classed('selected', m => m.key === selected);
        if (!options.quiet && !options.pick) members.select('.topo-hit').attr('aria-pressed', m => String(m.key === selected));
      });
  }

  function showCounts(visible, isFar) {
    const counts = { ok: 0, moving: 0, wait: 0, bad: 0, old: 0 };
    let fitting = 0;
    for (const view of viewsOf(plan.lanes)) {
      for (const member of view.members) {
        counts[member.tone]++;
        if (member.updated === false) counts.old++;
        if (fits(view, member)) fitting++;
      }
    }
    ui.showChips(counts, filter);
    const shards = model.shards.size;
    const shown = isFar ? shards : visible.length;
    const found = query.trim() || filter ? `${fitting.toLocaleString('en')} found, ` : '';
    ui.shown.textContent = found + (plan.kind === 'tiles'
      ? `showing ${isFar ? 'all' : shown} of ${shards.toLocaleString('en')} shards, ${model.count.toLocaleString('en')} members`
      : `showing ${visible.reduce((n, lane) => n + (model.shards.get(lane.key)?.members.size ?? 0), 0)} of ${model.count}`);
    ui.legend.replaceChildren(...legendText(context(), model, plan.kind));
  }

  function showFreshness() {
    const stale = feedState !== 'live' || !model.connected;
    host.classList.toggle('topo-stale', stale && model.version !== null);
    ui.fresh(feedState, model.connected, model.observedAt);
  }

  // --- pointer ---
  function memberAt(target) {
    const element = target.closest?.('.topo-hit');
    return element ? { element, data: select(element.parentNode).datum() } : null;
  }

  let hover = 0;
  ui.svg.addEventListener('pointerover', event => {
    const hit = memberAt(event.target);
    clearTimeout(hover);
    if (hit && event.pointerType === 'mouse' && (!options.pick || hit.data.instance || plan.kind === 'tiles')) hover = setTimeout(() => showCard(ui, hit.element, hit.data), 160);
  });
  ui.svg.addEventListener('pointerout', event => {
    clearTimeout(hover);
    if (!event.relatedTarget?.closest?.('.topo-hit')) hideCard(ui);
  });
  ui.svg.addEventListener('focusin', event => {
    const hit = memberAt(event.target);
    if (!hit) return;
    setFocus(hit.element.dataset.key);
    if (event.target.matches(':focus-visible') && !options.pick) showCard(ui, hit.element, hit.data);
  });
  ui.svg.addEventListener('focusout', () => hideCard(ui));
  ui.svg.addEventListener('click', event => {
    const hit = memberAt(event.target);
    if (hit) choose(hit.data, event.shiftKey);
    else if (plan.kind === 'tiles' && transform.k < far) zoomToPoint(event);
  });

  // Far out there are no tiles to click, only their colours: a click goes to what lies under it.
  function zoomToPoint(event) {
    const [x, y] = transform.invert(pointer(event, ui.svg));
    const lane = plan.lanes.find(l => x >= l.x && x <= l.x + l.w + size.tileGap && y >= l.y && y <= l.y + l.h + size.tileGap);
    if (lane) zoomTo(lane, 1);
  }

  // A click on a member is one on its shard. Shift takes all since the last pick along, the way that one went.
  function pickLane(key, range) {
    const now = pickOf(options.pick, model.shards.get(key), ahead);
    if (!now.open) return;
    const on = range && anchor ? anchor.on : !now.picked;
    const keys = range && anchor ? laneRange(plan.lanes.map(l => l.key), anchor.key, key).filter(k => pickOf(options.pick, model.shards.get(k)).open) : [key];
    anchor = { key, on };
    for (const picked of keys) {
      ahead.set(picked, on);
      views.delete(picked);
    }
    setFocus(key);
    draw();
    blazor?.invokeMethodAsync('OnPicked', keys, on);
  }

  function choose(data, range) {
    if (options.pick) {
      pickLane(data.lane?.key ?? data.key.slice(0, data.key.lastIndexOf('/')), range);
    } else if (data.instance) {
      if (options.quiet) return;
      selected = data.key;
      dim();
      const [component, shard] = data.key.split('/');
      blazor?.invokeMethodAsync('OnSelected', component, shard, data.instance.name);
      host.dispatchEvent(new CustomEvent('topology-select', { detail: { component, shard, instance: data.instance.name } }));
    } else {
      zoomTo(data.lane, 2.4);
    }
  }

  // --- keyboard: one stop in the tab order, arrows move inside it ---
  function stops() {
    return [...lanes.node().querySelectorAll(options.pick ? '.topo-pick' : '.topo-hit')];
  }

  // The drawer was closed: the focus goes back to the member that opened it.
  function focusIfNobody(key) {
    if (document.activeElement && document.activeElement !== document.body) return;
    stops().find(e => e.dataset.key === key)?.focus({ preventScroll: true });
  }

  function setFocus(key) {
    focused = key;
    for (const element of stops()) element.setAttribute('tabindex', element.dataset.key === key ? 0 : -1);
  }

  function holdFocus() {
    const all = stops();
    const keeper = all.find(e => e.dataset.key === focused) ?? all[0];
    for (const element of all) element.setAttribute('tabindex', element === keeper ? 0 : -1);
  }

  ui.svg.addEventListener('keydown', event => {
    const hit = memberAt(event.target);
    if (!hit) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(hit.data, event.shiftKey);
      return;
    }
    if (event.key === 'Escape') hideCard(ui);
    const next = neighbour(hit.element, event.key);
    if (!next) return;
    event.preventDefault();
    setFocus(next.dataset.key);
    next.focus({ preventScroll: windowed });
    if (windowed) reveal(next);
  });

  function neighbour(from, key) {
    // What is out of sight is not in the document yet.
    if (options.pick && (key === 'Home' || key === 'End')) {
      ui.stage.scrollTop = key === 'Home' ? 0 : ui.stage.scrollHeight;
      draw();
    }
    const here = from.getBoundingClientRect();
    const all = stops();
    if (key === 'Home') return all[0];
    if (key === 'End') return all.at(-1);
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    if (!direction) return null;
    let best = null;
    let least = Infinity;
    for (const element of all) {
      const there = element.getBoundingClientRect();
      const dx = there.left - here.left;
      const dy = there.top - here.top;
      const along = dx * direction[0] + dy * direction[1];
      const across = Math.abs(dx * direction[1]) + Math.abs(dy * direction[0]);
      if (element === from || along < 8) continue;
      const cost = along + across * 3;
      if (cost < least) [best, least] = [element, cost];
    }
    return best;
  }

  // --- zoom ---
  function reveal(element) {
    const box = element.getBoundingClientRect();
    const stage = ui.svg.getBoundingClientRect();
    const dy = box.bottom > stage.bottom - 40 ? stage.bottom - 40 - box.bottom : box.top < stage.top + 40 ? stage.top + 40 - box.top : 0;
    if (dy) svg.call(zoomer.translateBy, 0, dy / transform.k);
  }

  function panByWheel(event) {
    if (!windowed || event.ctrlKey || event.metaKey) return;
    const before = transform;
    svg.call(zoomer.translateBy, -event.deltaX / transform.k, -event.deltaY / transform.k);
    if (transform.x !== before.x || transform.y !== before.y) event.preventDefault(); // at its end the page scrolls on
  }

  function smoothly() {
    return still.matches ? svg : svg.transition().duration(220);
  }

  function zoomTo(lane, k) {
    touched = true;
    const width = Number(ui.svg.getAttribute('width'));
    const height = Number(ui.svg.getAttribute('height'));
    smoothly().call(zoomer.transform, zoomIdentity.translate(width / 2, height / 2).scale(k).translate(-(lane.x + lane.w / 2), -(lane.y + lane.h / 2)));
  }

  function whole() {
    const width = Number(ui.svg.getAttribute('width'));
    const height = Number(ui.svg.getAttribute('height'));
    const k = Math.min(1, height / (plan.height + 2 * size.gap), width / plan.width);
    return windowed && k < 1 ? zoomIdentity.translate((width - plan.width * k) / 2, (height - plan.height * k) / 2).scale(k) : zoomIdentity;
  }

  ui.onZoom = factor => {
    touched = true;
    smoothly().call(zoomer.scaleBy, factor);
  };
  ui.onFit = () => {
    touched = false;
    smoothly().call(zoomer.transform, whole());
  };
  ui.onSearch = text => {
    query = text;
    draw();
    const first = windowed && query.trim() ? plan.lanes.find(lane => matches(lane)) : null;
    if (first && (transform.k < far || !inView().includes(first))) zoomTo(first, Math.max(1, transform.k));
  };
  ui.onFilter = kind => {
    filter = filter === kind ? null : kind;
    draw();
  };

  function matches(lane) {
    const wanted = query.trim().toLowerCase();
    const shard = model.shards.get(lane.key);
    return shard.name.toLowerCase().includes(wanted) || [...shard.members.keys()].some(name => name.toLowerCase().includes(wanted));
  }

  return {
    /** New parameters; another cluster starts from nothing, another run keeps the picture. */
    update(next) {
      const other = next.cluster !== options.cluster;
      if (other || next.run !== options.run) {
        run = null;
        overlay = overlayOf(null);
      }
      if (other) {
        waiting.splice(0).forEach(({ applied }) => applied(null));
        model = emptyModel();
        structure = -1;
        touched = false;
        svg.call(zoomer.transform, zoomIdentity);
      }
      const left = selected && !next.selected ? selected : null;
      // What was picked here stays as it is shown until the document says the same.
      if (next.pick?.stage !== options.pick?.stage) ahead.clear(), (anchor = null);
      options = next;
      for (const [key, on] of ahead) if (!model.shards.has(key) || pickOf(next.pick, model.shards.get(key)).picked === on) ahead.delete(key);
      selected = next.selected ?? null;
      if (left) setTimeout(() => focusIfNobody(left), 60);
      views.clear();
      feed.watch(options.cluster, options.run ?? null);
      schedule();
    },
    dispose() {
      feed.close();
      resize.disconnect();
      clearInterval(ticker);
      cancelAnimationFrame(frame);
      waiting.forEach(({ applied }) => applied(null));
      host.replaceChildren();
    },
  };
}
