// A status screen: draws what the read-only hub sends, for days on end. It reconnects by itself, says so when what it shows is old, and loads itself anew when
// Rollcall was replaced by another build. There is nothing to press that acts: no form, no command, no circuit.
import { openStreams } from './topology/feed.js';
import { create } from './topology-graph.js';
import { changing, figures, freshness, isOtherBuild, reasonLine, stageLine, titleOf } from './status/words.js';

const graphsAtMost = 4; // beyond that the figures alone: a wall of graphs is read by nobody
const { screen, key, build } = document.body.dataset;
const hub = `/hubs/status?${new URLSearchParams({ screen, ...(key && { key }) })}`;
const main = document.querySelector('.status-main');
const fresh = document.querySelector('.status-fresh');
const stale = document.querySelector('.status-stale');
const clock = document.querySelector('.status-clock');
const cards = new Map();
const seen = { state: 'connecting', view: null, heardAt: null, version: null };

const streams = openStreams({
  hub,
  wanted: () => [{ name: screen, method: 'WatchScreen', arguments: [seen.version], show: take }],
  state: now => {
    seen.state = now;
    showFreshness();
  },
  refused: ended,
});

async function take(frame) {
  if (isOtherBuild(build, frame.view.build)) {
    location.reload();
    return null;
  }
  Object.assign(seen, { view: frame.view, heardAt: Date.now(), version: frame.version });
  show(frame.view);
  return frame.version;
}

// The screen was taken back or expired: the page that the address gives now says so in words. Not at once after loading, or a page that is let in where the
// hub is not would load itself without end.
function ended() {
  streams.close();
  for (const card of cards.values()) card.graph?.dispose();
  setTimeout(() => location.reload(), Math.max(0, 10_000 - performance.now()));
}

function show(view) {
  document.title = titleOf(view);
  main.removeAttribute('aria-busy');
  main.dataset.count = view.clusters.length;
  main.querySelectorAll('.status-wait, noscript').forEach(e => e.remove());
  for (const cluster of view.clusters) {
    let card = cards.get(cluster.cluster);
    if (!card) cards.set(cluster.cluster, (card = makeCard(cluster, view.clusters.length <= graphsAtMost)));
    card.show(cluster);
  }
  showFreshness();
}

function make(tag, className, parent) {
  const element = document.createElement(tag);
  element.className = className;
  parent?.append(element);
  return element;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

function makeCard(first, withGraph) {
  const card = make('section', 'status-card', main);
  const head = make('header', 'status-head', card);
  const name = make('h2', '', head);
  const engine = make('span', 'muted', head);
  const word = make('span', 'pill status-word', head);
  const numbers = make('dl', 'status-figures', card);
  const reason = make('div', 'status-reason', card);
  const text = make('strong', '', reason);
  const next = make('p', '', reason);
  const stages = make('ol', 'status-stages', card);
  const now = make('div', 'status-now', card);
  const stage = make('p', 'status-stage', now);
  const last = make('p', 'muted status-last', now);
  const lastText = make('span', '', last);
  const lastTime = document.createElement('rc-time');
  last.append(' ', lastTime);
  const host = withGraph ? make('div', 'status-graph', card) : null;
  name.textContent = first.name;
  name.id = `c-${first.cluster.replace('/', '-')}`;
  card.setAttribute('aria-labelledby', name.id);
  let shown = '';

  const api = {
    graph: null,
    show(cluster) {
      card.dataset.tone = cluster.tone;
      word.dataset.tone = cluster.tone;
      say(engine, changing(cluster));
      say(word, cluster.word);
      showFigures(numbers, figures(cluster));
      reason.hidden = !cluster.reason;
      say(text, cluster.reason?.text ?? '');
      say(next, reasonLine(cluster.reason));
      showStages(stages, cluster.run?.stages ?? []);
      say(stage, stageLine(cluster.run));
      last.hidden = !cluster.lastChange;
      if (cluster.lastChange) {
        say(lastText, `Last change: ${cluster.lastChange.text},`);
        lastTime.setAttribute('at', cluster.lastChange.at);
      }
      showGraph(cluster);
    },
  };

  function showGraph(cluster) {
    if (!host || !cluster.present) return;
    const options = { cluster: cluster.cluster, run: cluster.run?.id ?? null, roles: cluster.roles, limits: cluster.limits, parts: cluster.parts, hub, quiet: true };
    const asked = JSON.stringify(options);
    if (asked === shown) return;
    shown = asked;
    if (api.graph) api.graph.update(options);
    else api.graph = create(host, options, null);
  }

  return api;
}

function showFigures(list, wanted) {
  while (list.children.length > wanted.length) list.lastChild.remove();
  wanted.forEach((figure, i) => {
    let item = list.children[i];
    if (!item) {
      item = make('div', 'status-figure', list);
      make('dt', '', item);
      const dd = make('dd', '', item);
      make('b', '', dd);
      make('span', '', dd);
      make('dd', 'bar', item).append(document.createElement('i'));
      item.lastChild.setAttribute('aria-hidden', 'true'); // the figure says the same in words
    }
    const [dt, dd, bar] = item.children;
    say(dt, figure.label);
    say(dd.firstChild, figure.value);
    say(dd.lastChild, figure.of ? ` of ${figure.of}` : '');
    item.classList.toggle('words', !figure.of && figure.value.length > 8);
    bar.hidden = figure.done === undefined;
    bar.firstChild.style.width = `${Math.round((figure.done ?? 0) * 100)}%`;
  });
}

function showStages(list, stages) {
  list.hidden = stages.length === 0;
  while (list.children.length > stages.length) list.lastChild.remove();
  stages.forEach((stage, i) => {
    const item = list.children[i] ?? make('li', '', list);
    item.dataset.tone = stage.tone;
    item.dataset.state = stage.state;
    say(item, `${i + 1} · ${stage.title}${stage.state === 'done' ? ' ✓' : ''}`);
  });
}

function showFreshness() {
  const now = Date.now();
  const { tone, text, stale: old, words } = freshness(seen, now);
  fresh.dataset.tone = tone;
  if (fresh.textContent !== text) fresh.textContent = text;
  document.body.classList.toggle('is-stale', old);
  stale.hidden = !old;
  if (old && stale.textContent !== words) stale.textContent = words;
  clock.textContent = new Date(now).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });
}

setInterval(showFreshness, 1000);
