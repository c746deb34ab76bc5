// What the plan editor proposes, from the published schema: places in half-typed documents, keys and values there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { placeAt } from '../../wwwroot/js/yaml/outline.js';
import { about, keysAt, valuesAt } from '../../wwwroot/js/yaml/schema.js';

const schema = JSON.parse(readFileSync(new URL('../../docs/schema/rollout-plan.schema.json', import.meta.url), 'utf8'));

/** The place of the mark | in the text. */
function at(text) {
  const lines = text.split('\n');
  const row = lines.findIndex(l => l.includes('|'));
  const column = lines[row].indexOf('|');
  lines[row] = lines[row].replace('|', '');
  return placeAt(lines, row, column);
}

const keys = text => { const p = at(text); return keysAt(schema, p.path, p.known).map(k => k.name); };

const stages = `spec:
  stages:
  - name: canary
    shards: { count: 1 }
  - name: rest
    shards: rest
`;

test('placeAt_KeyOfAnItem_KnowsPathAndNeighbours', () => {
  const place = at(`${stages}    |`);
  assert.deepEqual([place.path, place.kind, place.known], [['spec', 'stages', '[]'], 'key', { name: 'rest', shards: 'rest' }]);
});

test('placeAt_DashAtTheIndentOfItsKey_IsAnItemOfIt', () => {
  assert.deepEqual(at('spec:\n  changes:\n  - comp|').path, ['spec', 'changes', '[]']);
  assert.deepEqual(at('spec:\n  changes:\n    - comp|').path, ['spec', 'changes', '[]']);
  assert.deepEqual(at('spec:\n  changes:\n    - component: redis\n      serviceVersion: |').path, ['spec', 'changes', '[]', 'serviceVersion']);
});

test('placeAt_BackAtAnOuterIndent_IsThere', () => {
  assert.deepEqual(at(`${stages}  |`).path, ['spec']);
  assert.deepEqual(at(`${stages}|`).path, []);
});

test('placeAt_Flow_FollowsBracesAndCommas', () => {
  assert.deepEqual([at('spec:\n  stages:\n  - shards: { | }').path, at('spec:\n  stages:\n  - shards: { | }').kind], [['spec', 'stages', '[]', 'shards'], 'key']);
  const gate = at('spec:\n  stages:\n  - gate: { approvals: 2, onDeadline: |');
  assert.deepEqual([gate.path, gate.kind, gate.known], [['spec', 'stages', '[]', 'gate', 'onDeadline'], 'value', { approvals: '2' }]);
  assert.deepEqual(at('spec:\n  stages:\n  - shards: { names: [a, |').path, ['spec', 'stages', '[]', 'shards', 'names', '[]']);
  assert.deepEqual(at('spec:\n  changes: [ { component: redis, |').path, ['spec', 'changes', '[]']);
});

test('placeAt_Comment_IsNoPlace', () => {
  assert.equal(at('spec: # who |'), null);
  assert.notEqual(at('spec:\n  name: a#b|'), null);
});

test('keysAt_LeavesOutWhatIsThere', () => {
  const found = keys(`${stages}    |`);
  assert.ok(found.includes('gate') && found.includes('soak'));
  assert.ok(!found.includes('name') && !found.includes('shards'));
});

test('keysAt_ListWithoutADash_ProposesItsItems', () => {
  const place = at('spec:\n  changes:\n    |');
  const [first] = keysAt(schema, place.path, place.known);
  assert.deepEqual([first.name, first.dash, first.required], ['component', true, true]);
});

test('keysAt_Alternatives_OfferTheKeysOfTheMapping', () => {
  assert.deepEqual(keys('spec:\n  stages:\n  - shards: { |'), ['count', 'percent', 'names']);
  assert.deepEqual(keys('spec:\n  safety:\n    cooldown:\n      member: 1m\n      |'), ['shard', 'zone']);
});

test('valuesAt_EnumsBooleansAndDefaults', () => {
  const values = path => valuesAt(schema, path).map(v => `${v.text}${v.detail ? ` (${v.detail})` : ''}`);
  assert.deepEqual(values(['spec', 'stages', '[]', 'gate', 'onDeadline']), ['hold (default)', 'abort', 'rollback', 'reject']);
  assert.deepEqual(values(['spec', 'safety', 'zoneExclusive']), ['true', 'false']);
  assert.deepEqual(values(['spec', 'stages', '[]', 'shards']), ['rest']);
});

test('valuesAt_WordsOfTheServer_FollowTheComponent', () => {
  const words = { 'spec/changes/[]/serviceVersion': [{ text: '8.0.1', when: { component: 'redis' } }, { text: '1.1', when: { component: 'proxy' } }] };
  const place = at('spec:\n  changes:\n  - component: redis\n    serviceVersion: |');
  assert.deepEqual(valuesAt(schema, place.path, place.known, words).map(v => v.text), ['8.0.1']);
});

test('about_EveryKeyOfTheSchema_SaysSomething', () => {
  assert.match(about(schema, ['spec', 'safety', 'cooldown', 'member']), /members of one shard/);
  const silent = [];
  const walk = path => { for (const k of keysAt(schema, path)) { const here = k.dash ? [...path, '[]', k.name] : [...path, k.name]; if (!about(schema, here)) silent.push(here.join('/')); if (here.length < 8) walk(here); } };
  walk([]);
  assert.deepEqual(silent, []);
});
