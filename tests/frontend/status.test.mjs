// What a status screen says, run by `node --test tests/frontend`: no browser, no packages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changing, figures, freshness, isOtherBuild, reasonLine, span, stageLine, titleOf } from '../../wwwroot/js/status/words.js';

const calm = { cluster: 'demo/orders', name: 'orders', present: true, connected: true, observedAt: '2026-11-22T22:00:00Z', tone: 'ok', word: 'all well', components: [{ name: 'redis', version: '7.2.4' }], shards: 4, members: 12, ready: 12 };
const run = { id: 'r-1', state: 'Waiting', updated: 5, members: 12, switchoversDone: 2, switchoversPlanned: 4, remainingSeconds: 185, stages: [
  { title: 'canary', detail: '1 shard', state: 'done', tone: 'ok' }, { title: 'rest', detail: '3 shards', state: 'now', tone: 'wait' }, { title: 'Release', detail: 'give control back', state: 'later', tone: 'idle' }] };
const view = (...clusters) => ({ title: 'Wall', build: 'b1', now: '2026-11-22T22:00:02Z', clusters });

test('a quiet cluster: who is ready, how many shards, what runs', () => {
  assert.deepEqual(figures(calm).map(f => [f.value, f.of, f.label]), [['12', '12', 'ready'], ['4', undefined, 'shards'], ['7.2.4', undefined, 'version of redis']]);
});

test('a run: members, switchovers, ready, time left', () => {
  assert.deepEqual(figures({ ...calm, run }).map(f => `${f.value}${f.of ? ` of ${f.of}` : ''} ${f.label}`), ['5 of 12 updated', '2 of 4 switchovers', '12 of 12 ready', '≈ 3 m 05 s left, waits for people not counted']);
  assert.equal(figures({ ...calm, run })[0].done, 5 / 12);
});

test('what a cluster is, and what is being made of it', () => {
  assert.equal(changing({ ...calm, engine: 'Redis Cluster' }), 'Redis Cluster');
  assert.equal(changing({ ...calm, engine: 'Redis Cluster', run: { ...run, change: '7.2.4 → 8.0.1' } }), 'Redis Cluster 7.2.4 → 8.0.1');
});

test('a run that stands still promises no time', () => {
  assert.equal(figures({ ...calm, run: { ...run, state: 'Paused' } }).at(-1).value, 'stands still');
});

test('a cluster that is not there has no figures', () => assert.deepEqual(figures({ ...calm, present: false }), []));

test('the stage in hand, the next one, or that all are through', () => {
  assert.equal(stageLine(run), 'Stage 2 of 3, rest: 3 shards');
  assert.equal(stageLine({ ...run, stages: run.stages.map(s => ({ ...s, state: s.state === 'now' ? 'later' : s.state })) }), 'Stage 2 of 3 comes next: rest');
  assert.equal(stageLine({ ...run, stages: run.stages.map(s => ({ ...s, state: 'done' })) }), 'All stages are through');
  assert.equal(stageLine(undefined), '');
});

test('age is counted by the server up to the frame and by the viewer since, whatever their clocks say', () => {
  const seen = { state: 'live', view: view(calm), heardAt: 5_000_000 };
  assert.deepEqual(freshness(seen, 5_003_000), { tone: 'ok', text: 'live, data 5 s old', stale: false });
});

test('under the Reason stands when time runs out, and what happens then', () => {
  assert.equal(reasonLine({ text: 'Waiting for approval.', rule: 'Gate', deadline: '2026-11-25T14:30:00Z', next: 'Without it the run pauses then.' }, 'UTC'), 'Rule Gate · Deadline Wed 14:30 · Without it the run pauses then.');
  assert.equal(reasonLine({ text: 'Held.', rule: '' }), '');
  assert.equal(reasonLine(null), '');
});

test('a lost connection says so, and after ten seconds loudly', () => {
  const seen = { state: 'lost', view: view(calm), heardAt: 0 };
  assert.equal(freshness(seen, 4000).stale, false);
  const late = freshness(seen, 75_000);
  assert.equal(late.stale, true);
  assert.match(late.words, /lost Rollcall 1 m 15 s ago/);
});

test('a silent API server is named although the connection is good', () => {
  const fresh = freshness({ state: 'live', view: view(calm, { ...calm, name: 'sessions', connected: false }), heardAt: 0 }, 0);
  assert.equal(fresh.stale, true);
  assert.match(fresh.words, /sessions does not answer/);
});

test('before the first frame nothing is called stale', () => assert.equal(freshness({ state: 'connecting', view: null, heardAt: null }, 0).stale, false));

test('another build, and only a named one, makes the page load itself anew', () => {
  assert.equal(isOtherBuild('a', 'b'), true);
  assert.equal(isOtherBuild('a', 'a'), false);
  assert.equal(isOtherBuild('a', undefined), false);
});

test('the title names the worst cluster first', () => {
  assert.equal(titleOf(view(calm, { ...calm, name: 'sessions', tone: 'bad', word: 'halted' })), 'sessions: halted · Wall');
});

test('spans', () => assert.deepEqual([0.4, 59, 185, 8040, 273_600].map(span), ['0 s', '59 s', '3 m 05 s', '2 h 14 m', '3 d 4 h']));
