// What an instance, a shard and a run mean in one word, one tone and one sign. Pure; the treegrid's InstanceMeaning.cs says the same on the server.

const doing = { Hold: 'holding updates', Retarget: 'new version written', Replace: 'being replaced', WaitInSync: 'catching up', Switchover: 'handing over', Soak: 'soaking', Gate: 'waits for approval', Release: 'given back' };
const waitingTo = { Replace: 'waits to be replaced', WaitInSync: 'waits to catch up', Switchover: 'waits to switch over', Gate: 'waits for approval', Soak: 'soaking' };
const active = new Set(['Running', 'Waiting']);

/** Health without a run: tone ok | moving | wait | bad and the word beside it. */
export function health(instance) {
  if (instance.problem) return { tone: 'bad', word: instance.problem };
  switch (instance.phase) {
    case 'Missing': return { tone: 'bad', word: 'missing' };
    case 'Failed': return { tone: 'bad', word: 'failed' };
    case 'Terminating': return { tone: 'moving', word: 'terminating' };
    case 'Pending': return { tone: 'moving', word: 'starting' };
    case 'Unknown': return { tone: 'wait', word: 'unknown' };
  }
  return instance.ready ? { tone: 'ok', word: 'ready' } : { tone: 'moving', word: 'not ready yet' };
}

/** The run's words by instance and by shard: what is being done, what waits, what is done, what comes. */
export function overlayOf(view) {
  const overlay = { run: null, targets: new Map(), origins: new Map(), members: new Map(), lanes: new Map() };
  if (!view) return overlay;
  overlay.run = view.id;
  for (const { name, from, to } of view.components) {
    overlay.targets.set(name, to);
    overlay.origins.set(name, from);
  }
  const ended = ['Succeeded', 'Failed', 'Aborted'].includes(view.state) ? view.state : null;
  // A halt by a rule is bad, a pause that a person asked for is only that; either way nothing moves, whatever the step in hand was.
  const paused = view.state === 'Paused' ? (view.reason?.rule ? 'bad' : 'wait') : null;
  const lanes = Map.groupBy ? Map.groupBy(view.steps.filter(s => s.shard), keyOf) : groupBy(view.steps.filter(s => s.shard), keyOf);
  let next = true;
  for (const [key, steps] of lanes) {
    if (!ended) steps.filter(s => active.has(s.state)).forEach(step => markMembers(overlay.members, key, step, paused));
    const words = laneWords(steps, next && !ended && !paused, ended, paused);
    if (words.state === 'next') next = false;
    overlay.lanes.set(key, words);
  }
  return overlay;
}

const keyOf = step => `${step.component}/${step.shard}`;

function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function markMembers(members, lane, step, paused) {
  const waits = step.state === 'Waiting' || paused !== null;
  const word = (waits ? waitingTo[step.kind] : doing[step.kind]) ?? step.title;
  const mark = { tone: paused ?? (waits ? 'wait' : 'moving'), acting: !waits, word: paused ? 'halted here' : word, reason: step.reason?.text ?? step.title };
  const names = step.kind === 'Switchover' ? [step.from ?? step.instance, step.to] : [step.instance];
  for (const name of names) if (name) members.set(`${lane}/${name}`, mark);
}

function laneWords(steps, mayBeNext, ended, paused) {
  const stopped = paused && steps.find(s => active.has(s.state));
  if (stopped) return { state: paused, tone: paused, text: paused === 'bad' ? 'halted' : 'paused', reason: stopped.reason?.text ?? stopped.title };
  const waiting = steps.find(s => s.state === 'Waiting');
  if (waiting && !ended) return { state: 'wait', tone: 'wait', text: waitingTo[waiting.kind] ?? 'waits', reason: waiting.reason?.text };
  const running = steps.find(s => s.state === 'Running');
  if (running && !ended) return { state: 'moving', tone: 'moving', text: runningWords(running), reason: running.title };
  if (steps.some(s => s.state === 'Failed')) return { state: 'bad', tone: 'bad', text: 'failed', reason: steps.find(s => s.state === 'Failed').reason?.text };
  // What a run that ended early never began is skipped as well; that is not done.
  const cutShort = ended && ended !== 'Succeeded';
  if (steps.every(s => s.state === 'Succeeded' || (s.state === 'Skipped' && !cutShort))) return { state: 'done', tone: 'ok', text: 'done' };
  if (steps.some(s => s.state === 'Succeeded')) return { state: 'moving', tone: 'moving', text: ended ? 'left half way' : 'under way' };
  return mayBeNext ? { state: 'next', tone: 'idle', text: 'next' } : { state: 'later', tone: 'idle', text: ended ? 'not touched' : 'later' };
}

function runningWords(step) {
  switch (step.kind) {
    case 'Replace': return 'replacing a member';
    case 'Switchover': return 'handing over';
    default: return doing[step.kind] ?? 'moving';
  }
}

/** Letter and shape of a role. `roles` is the profile's table; an empty one means a service without roles. */
export function roleOf(instance, roles) {
  if (roles.length === 0) return { known: true, leads: false, letter: String(instance.ordinal), word: 'member' };
  if (!instance.role) return { known: false, leads: false, letter: '?', word: 'role unknown' };
  const role = roles.find(r => r.name === instance.role);
  return { known: true, leads: role?.leads ?? false, votesOnly: instance.role === 'arbiter', letter: role?.letter || instance.role[0].toUpperCase(), word: instance.role };
}

/** "0.1 s behind", "12 KiB behind", or null where nobody measures it. */
export function lagText(instance) {
  if (instance.lagSeconds != null) return `${instance.lagSeconds < 10 ? instance.lagSeconds.toFixed(1) : Math.round(instance.lagSeconds)} s behind`;
  if (instance.lagBytes != null) return instance.lagBytes === 0 ? 'in sync' : `${bytes(instance.lagBytes)} behind`;
  return null;
}

export function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function lags(instance, limits) {
  return (instance.lagSeconds ?? 0) > limits.seconds || (instance.lagBytes ?? 0) > limits.bytes;
}

/** Names without what they all share, so that the part that tells them apart fits beside the shape: orders-a-0 → a-0. Two segments always stay. */
export function shortName(name, shared) {
  const rest = name.startsWith(shared) ? name.slice(shared.length) : name;
  const segments = name.split('-');
  return rest.split('-').length >= 2 ? rest : segments.slice(-2).join('-');
}

export function sharedPrefix(names) {
  if (names.length === 0) return '';
  let prefix = names[0];
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf('-') + 1);
}

/** "zone b", also where the zone calls itself zone-b. */
export function zoneText({ zone }) {
  if (!zone) return null;
  return zone.startsWith('zone') ? zone : `zone ${zone}`;
}

/**
 * A shard where shards are picked for a stage of a plan: what it says, whether it may be picked, and whether it is.
 * @param {{ stage: number | null, name: string, words: { text: string, label: string, tone: string | null, stages: number[] }[], lanes: Record<string, number>, closed: string[] }} pick
 * @param {Map<string, boolean>} [ahead] what was picked here and is not confirmed yet
 */
export function pickOf(pick, { key, component }, ahead) {
  const words = pick.words[pick.lanes[key]] ?? { text: 'not changed by this plan', label: 'not changed by this plan', tone: null, stages: [] };
  const open = pick.stage !== null && !pick.closed.includes(component) && key in pick.lanes;
  return { ...words, open, picked: open && (ahead?.get(key) ?? words.stages.includes(pick.stage)) };
}

/** From one lane to another in the order in which they are drawn, both included. */
export function laneRange(keys, from, to) {
  const [a, b] = [keys.indexOf(from), keys.indexOf(to)];
  return a < 0 || b < 0 ? [to] : keys.slice(Math.min(a, b), Math.max(a, b) + 1);
}
