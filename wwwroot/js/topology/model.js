// What the frames say, kept as plain maps. Pure: no DOM, no clock, no network. Keys are "component/shard" and "component/shard/instance".

/** @typedef {{ key: string, component: string, name: string, members: Map<string, object>, leader: string | null }} Shard */

const natural = new Intl.Collator('en', { numeric: true }).compare;

export function emptyModel() {
  return { cluster: '', version: null, profile: '', phase: 'Unknown', connected: true, observedAt: null, components: new Map(), shards: new Map(), count: 0, structure: 0 };
}

export const shardKey = (component, shard) => `${component}/${shard}`;

/**
 * Applies one frame of WatchTopology. Returns the keys of the shards whose picture changed, or null when all of it did.
 * @returns {Set<string> | null}
 */
export function apply(model, frame, leads) {
  model.version = frame.version;
  model.connected = frame.connected;
  model.observedAt = frame.observedAt;
  if (frame.kind === 'snapshot' && frame.topology) {
    replaceAll(model, frame.topology, leads);
    return null;
  }
  const dirty = new Set();
  for (const { component, shard, name } of frame.removed ?? []) {
    const lane = model.shards.get(shardKey(component, shard));
    if (!lane?.members.delete(name)) continue;
    model.count--;
    model.structure++;
    if (lane.members.size === 0) model.shards.delete(lane.key);
    dirty.add(lane.key);
  }
  for (const { component, shard, instance } of frame.upserts ?? []) {
    const lane = laneOf(model, component, shard);
    if (!lane.members.has(instance.name)) {
      model.count++;
      model.structure++;
    }
    lane.members.set(instance.name, instance);
    dirty.add(lane.key);
  }
  for (const key of dirty) {
    const lane = model.shards.get(key);
    if (lane) settleLeader(lane, leads);
  }
  if (frame.header) {
    takeHeader(model, frame.header);
    return null;
  }
  return dirty;
}

function replaceAll(model, topology, leads) {
  const before = structureOf(model);
  const { structure } = model;
  const leaders = new Map([...model.shards].map(([key, lane]) => [key, lane.leader]));
  Object.assign(model, { profile: topology.profile, phase: topology.phase, cluster: topology.cluster, components: new Map(), shards: new Map(), count: 0 });
  for (const component of topology.components) {
    model.components.set(component.name, { name: component.name, version: component.version });
    for (const shard of component.shards) {
      const lane = laneOf(model, component.name, shard.name);
      lane.leader = leaders.get(lane.key) ?? null;
      for (const instance of shard.instances) lane.members.set(instance.name, instance);
      model.count += shard.instances.length;
      settleLeader(lane, leads);
    }
  }
  model.structure = structureOf(model) === before ? structure : structure + 1;
}

function takeHeader(model, header) {
  model.phase = header.phase;
  for (const { name, version } of header.components) {
    if (!model.components.has(name)) model.structure++;
    model.components.set(name, { name, version });
  }
}

function laneOf(model, component, shard) {
  const key = shardKey(component, shard);
  let lane = model.shards.get(key);
  if (!lane) {
    lane = { key, component, name: shard, members: new Map(), leader: null };
    model.shards.set(key, lane);
    if (!model.components.has(component)) model.components.set(component, { name: component, version: '' });
    model.structure++;
  }
  return lane;
}

// While nobody leads (a failover, a role not read yet) the last leader keeps the slot: an empty moment must not make the lane jump.
function settleLeader(lane, leads) {
  const present = [...lane.members.values()].filter(i => leads(i.role, lane.component)).map(i => i.name).sort(natural);
  if (present.length > 0) lane.leader = present.includes(lane.leader) ? lane.leader : present[0];
  else if (!lane.members.has(lane.leader)) lane.leader = null;
}

function structureOf(model) {
  return [...model.shards.values()].map(lane => `${lane.key}:${[...lane.members.keys()].sort(natural).join()}`).join(';');
}

/** Shards of a component, by name. */
export function shardsOf(model, component) {
  return [...model.shards.values()].filter(s => s.component === component).sort((a, b) => natural(a.name, b.name));
}

/**
 * Members in slot order: by ordinal, the leader swapped into the first slot. A switchover therefore moves the two leaders and at most one member more.
 * @param {Shard} lane
 */
export function slotOrder(lane) {
  const members = [...lane.members.values()].sort((a, b) => (a.ordinal ?? 0) - (b.ordinal ?? 0) || natural(a.name, b.name));
  const at = members.findIndex(m => m.name === lane.leader);
  if (at > 0) [members[0], members[at]] = [members[at], members[0]];
  return members;
}

/** Takes a frame of WatchRun into the view held so far. */
export function applyRun(view, frame) {
  if (frame.kind === 'snapshot' || !view) return frame.view;
  const steps = new Map(view.steps.map(s => [s.id, s]));
  for (const step of frame.view.steps) steps.set(step.id, step);
  return { ...frame.view, steps: [...steps.values()] };
}
