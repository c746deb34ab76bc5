// The graph's own frame: toolbar, stage, glance card, legend. Plain DOM, every label a real label; all text goes in as text.
const svgNs = 'http://www.w3.org/2000/svg';
const chipWords = { ok: () => 'fine', moving: () => 'in motion', wait: () => 'waiting', bad: count => (count === 1 ? 'needs attention' : 'need attention'), old: () => 'outdated' };
let serial = 0;

const wordsOfMembers = 'Topology. Arrow keys move between members, Enter opens one. The Table tab holds the same.';
const wordsOfPicking = 'Shards. Arrow keys move between them, Space puts one into the chosen stage or takes it out, Shift and Space all from the last one.';

/**
 * @param {boolean} [quiet] only to look at: no search, no filters
 * @param {boolean} [picking] shards are picked, members are not opened
 */
export function frameOf(host, quiet, picking) {
  const id = `topo${++serial}`;
  host.classList.add('topo');
  host.classList.toggle('topo-picking', Boolean(picking));
  host.classList.toggle('topo-still', Boolean(quiet));
  host.innerHTML = `
    <div class="topo-tools">
      <input type="search" class="input topo-find" placeholder="Find a shard, member, node or zone" aria-label="Find in the graph" autocomplete="off" spellcheck="false">
      <div class="topo-chips" role="group" aria-label="Filter by state"></div>
      <span class="topo-fresh pill" role="status"></span>
      <div class="topo-zoom" role="group" aria-label="Zoom">
        <button type="button" class="btn quiet icon" data-zoom="0.72" aria-label="Zoom out"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h14"/></svg></button>
        <button type="button" class="btn quiet icon" data-zoom="1.4" aria-label="Zoom in"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h14M12 5v14"/></svg></button>
        <button type="button" class="btn quiet icon" data-zoom="fit" aria-label="Fit"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/></svg></button>
      </div>
    </div>
    <div class="topo-stage">
      <svg class="topo-svg" role="group" aria-label="${picking ? wordsOfPicking : wordsOfMembers}"><g class="topo-world"></g></svg>
      <p class="topo-empty"></p>
      <div class="topo-card" role="tooltip" id="${id}-card" hidden></div>
    </div>
    <div class="topo-foot"><ul class="topo-legend" aria-label="Legend"></ul><span class="topo-shown"></span></div>`;
  const find = selector => host.querySelector(selector);
  const ui = {
    host,
    svg: find('.topo-svg'),
    world: find('.topo-world'),
    stage: find('.topo-stage'),
    card: find('.topo-card'),
    empty: find('.topo-empty'),
    legend: find('.topo-legend'),
    shown: find('.topo-shown'),
    fresh: freshness(find('.topo-fresh')),
    showChips: chips(find('.topo-chips'), kind => ui.onFilter(kind)),
    onZoom() {},
    onFit() {},
    onSearch() {},
    onFilter() {},
  };
  find('.topo-find').addEventListener('input', event => ui.onSearch(event.target.value));
  find('.topo-zoom').addEventListener('click', event => {
    const zoom = event.target.closest('[data-zoom]')?.dataset.zoom;
    if (zoom === 'fit') ui.onFit();
    else if (zoom) ui.onZoom(Number(zoom));
  });
  return ui;
}

function freshness(pill) {
  return (state, connected, observedAt) => {
    const age = observedAt ? Math.max(0, (Date.now() - new Date(observedAt).getTime()) / 1000) : null;
    const live = state === 'live' && connected;
    const old = age === null ? '' : age < 90 ? `data ${Math.round(age)} s old` : `data ${Math.round(age / 60)} min old`;
    const text = live ? 'live' : state === 'connecting' && age === null ? 'connecting…' : state === 'live' ? `cluster silent, ${old}` : `reconnecting, ${old || 'no data yet'}`;
    pill.dataset.tone = live ? 'ok' : 'wait';
    if (pill.textContent !== text) pill.textContent = text;
  };
}

function chips(box, toggle) {
  const buttons = new Map();
  for (const kind of ['bad', 'wait', 'moving', 'old', 'ok']) {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', className: 'topo-chip' });
    button.dataset.tone = kind === 'old' ? 'idle' : kind;
    button.addEventListener('click', () => toggle(kind));
    box.append(button);
    buttons.set(kind, button);
  }
  return (counts, filter) => {
    for (const [kind, button] of buttons) {
      const count = counts[kind];
      const text = `${count.toLocaleString('en')} ${chipWords[kind](count)}`;
      if (button.textContent !== text) button.textContent = text;
      button.hidden = count === 0 && filter !== kind;
      button.setAttribute('aria-pressed', String(filter === kind));
    }
  };
}

/** The glance card beside a member or tile. */
export function showCard(ui, element, data) {
  const rows = data.instance ? memberRows(data) : tileRows(data);
  const title = document.createElement('strong');
  title.textContent = data.instance?.name ?? data.title;
  const list = document.createElement('dl');
  for (const [term, value, tone] of rows) {
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = term;
    dd.textContent = value;
    if (tone) Object.assign(dd.dataset, { tone }), dd.classList.add('tone');
    list.append(dt, dd);
  }
  ui.card.replaceChildren(title, list);
  ui.card.hidden = false;
  element.setAttribute('aria-describedby', ui.card.id);
  place(ui, element.parentNode.querySelector('.topo-body, .topo-box').getBoundingClientRect());
}

export function hideCard(ui) {
  ui.card.hidden = true;
  ui.svg.querySelector('[aria-describedby]')?.removeAttribute('aria-describedby');
}

function place(ui, body) {
  const stage = ui.stage.getBoundingClientRect();
  const card = ui.card.getBoundingClientRect();
  const scrolled = ui.stage.scrollTop;
  const left = Math.min(Math.max(0, body.left - stage.left - 10), Math.max(0, stage.width - card.width));
  const below = body.bottom - stage.top + 12;
  // A stage that scrolls cuts off what hangs below it.
  const fits = body.bottom + 12 + card.height < (ui.host.classList.contains('topo-picking') ? Math.min(innerHeight, stage.bottom) : innerHeight);
  ui.card.style.transform = `translate(${Math.round(left)}px, ${Math.round(scrolled + (fits ? below : body.top - stage.top - card.height - 14))}px)`;
}

function memberRows({ instance, role, tone, word, reason, lag, updated }) {
  const source = instance.roleSource ? ` (${instance.roleSource === 'probe' ? 'its own answer' : 'Pod label'})` : '';
  return [
    ['state', word, tone],
    reason && reason !== word && ['now', reason],
    ['role', `${role.word}${source}`],
    ['version', `${instance.version}${updated === true ? ', new' : updated === false ? ', old' : ''}`],
    lag && !role.leads && ['lag', lag],
    instance.zone && ['zone', instance.zone],
    instance.node && ['node', instance.node],
  ].filter(Boolean);
}

function tileRows(view) {
  return [['members', view.count], view.pick ? ['stages', view.pick.label, view.pick.tone] : view.status && ['state', view.status.text, view.status.tone], ['leader', view.shard.leader ?? 'unknown']].filter(Boolean);
}

/** What the shapes mean here, in words, with the shapes themselves. */
export function legendText(context, model, kind) {
  const items = [];
  const roles = [...new Map([...model.components.keys()].flatMap(component => context.rolesOf(component)).map(role => [role.name, role])).values()];
  const leader = roles.find(r => r.leads);
  const followers = roles.filter(r => !r.leads);
  if (leader) items.push(entry('<rect x="2" y="2" width="12" height="12" rx="3.5"/>', leader.name));
  for (const role of followers.slice(0, 3)) items.push(entry('<circle cx="8" cy="8" r="6"/>', role.name));
  if (context.targets.size > 0) {
    const [component, target] = context.targets.entries().next().value;
    const from = context.overlay.origins.get(component);
    const one = context.targets.size === 1;
    items.push(entry('<circle class="full" cx="8" cy="8" r="6"/>', one ? `filled: ${target}` : 'filled: target version'));
    items.push(entry('<circle cx="8" cy="8" r="6"/>', one && from ? `hollow: ${from}` : 'hollow: another version'));
  }
  if (leader) items.push(entry('<path class="slow" d="M1 8h14"/>', 'lags or waits'));
  if (kind === 'tiles' && !context.pick) items.push(entry('<rect x="1" y="4" width="14" height="8" rx="2"/>', 'one tile a shard: zoom in or press Enter for its members'));
  return items;
}

function entry(shape, words) {
  const item = document.createElement('li');
  const svg = document.createElementNS(svgNs, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.innerHTML = shape;
  item.append(svg, words);
  return item;
}
