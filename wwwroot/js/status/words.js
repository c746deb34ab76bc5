// What a status screen says, as plain text. Pure: no DOM, no clock of its own, no network.

const n = value => value.toLocaleString('en');

/** 0.4 s, 21 s, 3 m 05 s, 2 h 14 m, 3 d 4 h: the same words as duration() in js/time.js. */
export function span(seconds) {
  const s = Math.max(0, seconds);
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${String(Math.floor(s % 60)).padStart(2, '0')} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} m`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/**
 * The big figures of one cluster: at most four, the one that matters most first.
 * @returns {{ value: string, of?: string, label: string, done?: number }[]}
 */
export function figures(cluster) {
  if (!cluster.present) return [];
  const { run } = cluster;
  const ready = { value: n(cluster.ready), of: n(cluster.members), label: 'ready', done: share(cluster.ready, cluster.members) };
  if (!run) {
    return [ready, { value: n(cluster.shards), label: cluster.shards === 1 ? 'shard' : 'shards' }, ...cluster.components.slice(0, 2).map(c => ({ value: c.version, label: `version of ${c.name}` }))];
  }
  const list = [{ value: n(run.updated), of: n(run.members), label: run.rollback ? 'back on the old version' : 'updated', done: share(run.updated, run.members) }];
  if (run.switchoversPlanned > 0) list.push({ value: n(run.switchoversDone), of: n(run.switchoversPlanned), label: run.switchoversPlanned === 1 ? 'switchover' : 'switchovers', done: share(run.switchoversDone, run.switchoversPlanned) });
  list.push(ready);
  list.push(run.state === 'Running' || run.state === 'Waiting' ? { value: `≈ ${span(run.remainingSeconds)}`, label: 'left, waits for people not counted' } : { value: 'stands still', label: 'nothing is started' });
  return list;
}

function share(done, total) {
  return total > 0 ? done / total : 0;
}

/** "Redis Cluster 7.2.4 → 8.0.1": what the cluster is, and what is being made of it. */
export function changing({ engine, run }) {
  return run ? `${engine} ${run.change}`.trim() : engine;
}

/** "2 of 3 · rest: 3 shards · 1 of 2 approved", or what is over or still to come. */
export function stageLine(run) {
  if (!run || run.stages.length === 0) return '';
  const at = run.stages.findIndex(s => s.state === 'now');
  if (at >= 0) return `Stage ${at + 1} of ${run.stages.length}, ${run.stages[at].title}: ${run.stages[at].detail}`;
  const next = run.stages.findIndex(s => s.state === 'later');
  return next >= 0 ? `Stage ${next + 1} of ${run.stages.length} comes next: ${run.stages[next].title}` : 'All stages are through';
}

/** What stands under the Reason: the rule, when time runs out (in the viewer's zone), what happens then. @param {Intl.DateTimeFormatOptions['timeZone']} [zone] */
export function reasonLine(reason, zone) {
  if (!reason) return '';
  const due = reason.deadline && new Date(reason.deadline).toLocaleString('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: zone });
  return [reason.rule && `Rule ${reason.rule}`, due && `Deadline ${due.replace(',', '')}`, reason.next].filter(Boolean).join(' · ');
}

/**
 * How old the picture is and whether to say so loudly.
 * @param {{ state: 'connecting' | 'live' | 'lost', view: object | null, heardAt: number | null }} seen heardAt: when the last frame came, in ms of the viewer's clock
 * @param {number} now ms of the viewer's clock
 */
export function freshness({ state, view, heardAt }, now) {
  if (!view || heardAt === null) return { tone: 'wait', text: state === 'lost' ? 'no connection, trying again' : 'connecting…', stale: false };
  const since = Math.max(0, (now - heardAt) / 1000);
  // Ages are counted by the server's clock up to the frame, and by ours since then: the two clocks need not agree.
  const ages = view.clusters.filter(c => c.observedAt).map(c => Math.max(0, (Date.parse(view.now) - Date.parse(c.observedAt)) / 1000) + since);
  const age = ages.length ? Math.max(...ages) : since;
  const old = `data ${span(age)} old`;
  if (state !== 'live') return { tone: 'wait', text: `no connection, ${old}`, stale: since > 10, words: `This screen lost Rollcall ${span(since)} ago. It shows what was known then, and keeps trying.` };
  const silent = view.clusters.filter(c => c.present && !c.connected).map(c => c.name);
  if (silent.length) return { tone: 'wait', text: old, stale: true, words: `The API server of ${silent.join(', ')} does not answer. What is shown may be old.` };
  return { tone: 'ok', text: `live, ${old}`, stale: false };
}

/** A page of another build would misread the frames: it loads itself anew. @param {string} own @param {string} theirs */
export function isOtherBuild(own, theirs) {
  return Boolean(theirs) && own !== theirs;
}

/** The page's title on a tab or a wall's task bar: the worst first. */
export function titleOf(view) {
  const order = ['bad', 'wait', 'moving', 'idle', 'ok'];
  const worst = [...view.clusters].sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone))[0];
  return worst ? `${worst.name}: ${worst.word} · ${view.title}` : view.title;
}
