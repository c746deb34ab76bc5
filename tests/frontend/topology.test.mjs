// The graph's pure parts, run by `node --test tests/frontend`: no browser, no packages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgePath, layout, size } from '../../wwwroot/js/topology/layout.js';
import { joinFitting, subParts } from '../../wwwroot/js/topology/text.js';
import { bytes, health, lagText, laneRange, overlayOf, pickOf, roleOf, sharedPrefix, shortName } from '../../wwwroot/js/topology/meaning.js';
import { apply, applyRun, emptyModel, slotOrder } from '../../wwwroot/js/topology/model.js';

const leads = role => role === 'primary';
const member = (name, ordinal, role = 'secondary', more = {}) => ({ name, ordinal, role, version: '7.2.4', ready: true, phase: 'Running', uid: name, ...more });
const snapshot = (shards, version = 'e-1') => ({
  kind: 'snapshot', cluster: 'demo/orders', version, connected: true, observedAt: '2026-11-22T22:00:00Z',
  topology: { cluster: 'demo/orders', profile: 'redis-cluster', phase: 'Running', components: [{ name: 'redis', version: '7.2.4', shards: Object.entries(shards).map(([name, instances]) => ({ name, instances })) }] },
});
const delta = (upserts, removed = [], version = 'e-2') => ({ kind: 'delta', version, connected: true, observedAt: '2026-11-22T22:00:01Z', upserts, removed });
const up = (shard, instance) => ({ component: 'redis', shard, instance });

function three(leader) {
  return [0, 1, 2].map(i => member(`a-${i}`, i, i === leader ? 'primary' : 'secondary'));
}

function modelOf(frame) {
  const model = emptyModel();
  apply(model, frame, leads);
  return model;
}

test('the leader is in the first slot, the others keep their ordinals', () => {
  const model = modelOf(snapshot({ a: three(2) }));
  assert.deepEqual(slotOrder(model.shards.get('redis/a')).map(m => m.name), ['a-2', 'a-1', 'a-0']);
});

test('a switchover moves the two leaders and nobody else', () => {
  const model = modelOf(snapshot({ a: [0, 1, 2, 3, 4].map(i => member(`a-${i}`, i, i === 0 ? 'primary' : 'secondary')) }));
  const before = slotOrder(model.shards.get('redis/a')).map(m => m.name);
  apply(model, delta([up('a', member('a-0', 0)), up('a', member('a-3', 3, 'primary'))]), leads);
  const after = slotOrder(model.shards.get('redis/a')).map(m => m.name);
  assert.deepEqual(after, ['a-3', 'a-1', 'a-2', 'a-0', 'a-4']);
  assert.deepEqual(before.filter((name, i) => after[i] !== name).sort(), ['a-0', 'a-3']);
});

test('while nobody leads the last leader keeps the slot', () => {
  const model = modelOf(snapshot({ a: three(1) }));
  apply(model, delta([up('a', member('a-1', 1, undefined))]), leads);
  assert.equal(slotOrder(model.shards.get('redis/a'))[0].name, 'a-1');
});

test('of two leaders the one that led keeps the slot', () => {
  const model = modelOf(snapshot({ a: three(1) }));
  apply(model, delta([up('a', member('a-0', 0, 'primary'))]), leads);
  assert.equal(slotOrder(model.shards.get('redis/a'))[0].name, 'a-1');
});

test('a delta names only the shards it touched and does not change the structure', () => {
  const model = modelOf(snapshot({ a: three(0), b: three(1).map(m => ({ ...m, name: m.name.replace('a', 'b') })) }));
  const { structure } = model;
  const dirty = apply(model, delta([up('a', member('a-1', 1, 'secondary', { lagSeconds: 3 }))]), leads);
  assert.deepEqual([...dirty], ['redis/a']);
  assert.equal(model.structure, structure);
  assert.equal(model.version, 'e-2');
});

test('the same snapshot again is no new structure, a member less is', () => {
  const model = modelOf(snapshot({ a: three(0) }));
  const { structure } = model;
  apply(model, snapshot({ a: three(0) }, 'e-9'), leads);
  assert.equal(model.structure, structure);
  apply(model, delta([], [{ component: 'redis', shard: 'a', name: 'a-2' }]), leads);
  assert.notEqual(model.structure, structure);
  assert.equal(model.count, 2);
});

test('deltas in any cut give the picture of the last snapshot', () => {
  const model = modelOf(snapshot({ a: three(0) }));
  apply(model, delta([up('a', member('a-3', 3))]), leads);
  apply(model, delta([up('a', member('a-0', 0)), up('a', member('a-2', 2, 'primary'))], [{ component: 'redis', shard: 'a', name: 'a-1' }]), leads);
  const fresh = modelOf(snapshot({ a: [member('a-0', 0), member('a-2', 2, 'primary'), member('a-3', 3)] }));
  assert.deepEqual(layout(model, 1200), layout(fresh, 1200));
  assert.deepEqual(slotOrder(model.shards.get('redis/a')), slotOrder(fresh.shards.get('redis/a')));
});

test('the layout depends on names and width, not on the order of arrival', () => {
  const names = ['shard-10', 'shard-2', 'shard-1'];
  const forth = Object.fromEntries(names.map(n => [n, three(0)]));
  const back = Object.fromEntries([...names].reverse().map(n => [n, three(0)]));
  assert.deepEqual(layout(modelOf(snapshot(forth)), 1000), layout(modelOf(snapshot(back)), 1000));
  assert.deepEqual(layout(modelOf(snapshot(forth)), 1000).lanes.map(l => l.key), ['redis/shard-1', 'redis/shard-2', 'redis/shard-10']);
});

test('every slot lies inside its lane at every width', () => {
  for (const width of [280, 366, 719, 720, 1024, 1920]) {
    for (const count of [1, 3, 5, 9]) {
      const model = modelOf(snapshot({ a: Array.from({ length: count }, (_, i) => member(`a-${i}`, i)) }));
      for (const lane of layout(model, width).lanes) {
        for (const slot of lane.slots) {
          assert.ok(slot.x - size.r >= 0 && slot.x + size.r <= lane.w, `${count} members at ${width}: x ${slot.x}`);
          assert.ok(slot.y - size.r - 10 >= 0 && slot.y + size.r <= lane.h, `${count} members at ${width}: y ${slot.y} of ${lane.h}`);
        }
      }
    }
  }
});

test('more than a thousand members become a map of tiles that no width changes', () => {
  const shards = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`s-${i}`, three(0).map(m => ({ ...m, name: `s-${i}-${m.ordinal}` }))]));
  const plan = layout(modelOf(snapshot(shards)), 1000);
  assert.equal(plan.kind, 'tiles');
  assert.equal(plan.lanes.length, 400);
  assert.ok(plan.lanes.every(l => l.x >= 0 && l.x + l.w <= plan.width && l.y + l.h <= plan.height));
  assert.deepEqual(layout(modelOf(snapshot(shards)), 300), plan);
});

test('edges of a lane differ', () => {
  const slots = [0, 1, 2, 3, 4].map(i => ({ x: 40 + i * 200, y: 46 }));
  const paths = slots.slice(1).map((slot, i) => edgePath(slots[0], slot, i, 4));
  assert.equal(new Set(paths).size, 4);
});

test('health puts what is broken before what moves', () => {
  assert.deepEqual(health(member('a', 0, 'primary', { problem: 'ImagePullBackOff', ready: false, phase: 'Pending' })), { tone: 'bad', word: 'ImagePullBackOff' });
  assert.equal(health(member('a', 0, 'primary', { ready: false })).tone, 'moving');
  assert.equal(health(member('a', 0, 'primary', { phase: 'Missing', ready: false })).tone, 'bad');
  assert.equal(health(member('a', 0)).tone, 'ok');
});

test('an unknown role is said, a service without roles is not unknown', () => {
  const roles = [{ name: 'primary', letter: 'P', leads: true }];
  assert.equal(roleOf(member('a', 0, null), roles).letter, '?');
  assert.equal(roleOf(member('a', 0, null), roles).known, false);
  assert.equal(roleOf(member('a', 3, null), []).known, true);
  assert.equal(roleOf(member('a', 0, 'primary'), roles).leads, true);
});

test('lag keeps the engine\'s unit', () => {
  assert.equal(lagText({ lagSeconds: 0.1 }), '0.1 s behind');
  assert.equal(lagText({ lagSeconds: 14.2 }), '14 s behind');
  assert.equal(lagText({ lagBytes: 0 }), 'in sync');
  assert.equal(lagText({ lagBytes: 1_234_567 }), '1.2 MiB behind');
  assert.equal(lagText({}), null);
  assert.equal(bytes(999), '999 B');
});

test('short names keep two segments', () => {
  assert.equal(sharedPrefix(['orders-a-0', 'orders-b-1']), 'orders-');
  assert.equal(shortName('orders-a-0', 'orders-'), 'a-0');
  assert.equal(shortName('pg-0', 'pg-'), 'pg-0');
});

const step = (id, kind, shard, instance, state, more = {}) => ({ id, kind, component: 'redis', shard, instance, state, title: `${kind} ${instance}`, ...more });

test('a run says who is acted on, who waits, what is done and what is next', () => {
  const overlay = overlayOf({
    id: 'r1', state: 'Waiting', components: [{ name: 'redis', from: '7.2.4', to: '8.0.1' }],
    steps: [
      step('1', 'Replace', 'a', 'a-1', 'Succeeded'),
      step('2', 'Replace', 'b', 'b-1', 'Running'),
      step('3', 'Switchover', 'c', null, 'Waiting', { from: 'c-0', to: 'c-1', reason: { text: 'c-1 is 14 s behind' } }),
      step('4', 'Replace', 'd', 'd-1', 'Pending'),
      step('5', 'Replace', 'e', 'e-1', 'Pending'),
    ],
  });
  assert.deepEqual([...overlay.lanes].map(([key, words]) => [key, words.state]), [['redis/a', 'done'], ['redis/b', 'moving'], ['redis/c', 'wait'], ['redis/d', 'next'], ['redis/e', 'later']]);
  assert.equal(overlay.members.get('redis/b/b-1').acting, true);
  assert.equal(overlay.members.get('redis/c/c-0').tone, 'wait');
  assert.equal(overlay.members.get('redis/c/c-1').reason, 'c-1 is 14 s behind');
  assert.equal(overlay.targets.get('redis'), '8.0.1');
});

test('a halted run turns nothing, and says where it halted', () => {
  const steps = [step('1', 'Replace', 'a', 'a-1', 'Waiting'), step('2', 'Replace', 'b', 'b-1', 'Pending')];
  const halted = overlayOf({ id: 'r1', state: 'Paused', reason: { rule: 'UpdatedUnhealthyHalts' }, components: [], steps });
  assert.deepEqual([...halted.lanes.values()].map(l => l.text), ['halted', 'later']);
  assert.deepEqual({ acting: halted.members.get('redis/a/a-1').acting, tone: halted.members.get('redis/a/a-1').tone }, { acting: false, tone: 'bad' });
  const paused = overlayOf({ id: 'r1', state: 'Paused', reason: { rule: '' }, components: [], steps });
  assert.equal(paused.lanes.get('redis/a').text, 'paused');
});

test('what an aborted run never began is not done', () => {
  const overlay = overlayOf({ id: 'r1', state: 'Aborted', components: [], steps: [step('1', 'Replace', 'a', 'a-1', 'Succeeded'), step('2', 'Replace', 'a', 'a-0', 'Skipped'), step('3', 'Replace', 'b', 'b-0', 'Skipped')] });
  assert.deepEqual([...overlay.lanes.values()].map(l => l.text), ['left half way', 'not touched']);
});

test('nothing moves in a run that ended', () => {
  const overlay = overlayOf({ id: 'r1', state: 'Aborted', components: [], steps: [step('1', 'Replace', 'a', 'a-1', 'Running')] });
  assert.equal(overlay.members.size, 0);
});

test('a run delta changes its steps and keeps the others in order', () => {
  const first = applyRun(null, { kind: 'snapshot', view: { id: 'r', state: 'Running', steps: [step('1', 'Hold'), step('2', 'Replace'), step('3', 'Release')] } });
  const next = applyRun(first, { kind: 'delta', view: { id: 'r', state: 'Waiting', steps: [{ ...step('2', 'Replace'), state: 'Waiting' }] } });
  assert.deepEqual(next.steps.map(s => s.id), ['1', '2', '3']);
  assert.equal(next.steps[1].state, 'Waiting');
  assert.equal(next.state, 'Waiting');
});

test('what stands under a member: state first, else version, then lag, zone and node as far as they fit', () => {
  const follower = member('a-0', 0, 'secondary', { lagSeconds: 0.4, zone: 'b', node: 'node-4' });
  const role = { leads: false };
  const ok = { tone: 'ok', word: 'ready' };
  const wide = subParts(follower, ok, role, '0.4 s behind', 270);
  assert.deepEqual(wide, ['7.2.4', '0.4 s behind', 'zone b', 'node-4']);
  assert.equal(joinFitting(wide, 270, 6.1), '7.2.4 · 0.4 s behind · zone b · node-4');
  assert.equal(joinFitting(wide, 180, 6.1), '7.2.4 · 0.4 s behind · zone b');
  assert.equal(joinFitting(subParts(follower, ok, role, '0.4 s behind', 80), 80, 6.1), '0.4 s behind');
  assert.equal(subParts(follower, { tone: 'moving', word: 'being replaced' }, role, '0.4 s behind', 270)[0], 'being replaced');
  assert.equal(joinFitting(['a very long sentence that fits nowhere'], 60, 6), 'a very lo…');
});

const pick = { stage: 1, name: 'canary', closed: ['proxy'], lanes: { 'redis/a': 0, 'redis/b': 1, 'proxy/p': 1 }, words: [{ text: 'canary', label: 'in stage 1 canary', tone: null, stages: [1] }, { text: 'in no stage', label: 'in no stage', tone: 'bad', stages: [] }] };

test('a shard that is picked for a stage says which, and what this stage may not take is shut', () => {
  const shard = (component, name) => ({ key: `${component}/${name}`, component });
  assert.deepEqual(pickOf(pick, shard('redis', 'a')), { ...pick.words[0], open: true, picked: true });
  assert.equal(pickOf(pick, shard('redis', 'b')).picked, false);
  assert.equal(pickOf(pick, shard('redis', 'b'), new Map([['redis/b', true]])).picked, true);
  assert.equal(pickOf(pick, shard('proxy', 'p')).open, false);
  assert.equal(pickOf(pick, shard('backup', 'x')).text, 'not changed by this plan');
  assert.equal(pickOf({ ...pick, stage: null }, shard('redis', 'a')).open, false);
});

test('a range goes either way and never beyond what is drawn', () => {
  const keys = ['a', 'b', 'c', 'd'];
  assert.deepEqual(laneRange(keys, 'b', 'd'), ['b', 'c', 'd']);
  assert.deepEqual(laneRange(keys, 'd', 'c'), ['c', 'd']);
  assert.deepEqual(laneRange(keys, 'gone', 'c'), ['c']);
});

test('many shards are picked from tiles that fill the width, few from lanes', () => {
  const shards = count => Object.fromEntries(Array.from({ length: count }, (_, i) => [`s-${i}`, three(0).map(m => ({ ...m, name: `s-${i}-${m.ordinal}` }))]));
  assert.equal(layout(modelOf(snapshot(shards(4))), 900, true).kind, 'lanes');
  for (const width of [320, 900]) {
    const plan = layout(modelOf(snapshot(shards(100))), width, true);
    assert.deepEqual([plan.kind, plan.width], ['tiles', width]);
    assert.equal(Math.ceil(Math.max(...plan.lanes.map(l => l.x + l.w))), width);
    assert.ok(plan.lanes.every(l => l.w >= size.tileMin && l.y + l.h <= plan.height));
  }
});
