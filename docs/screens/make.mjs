// Takes the pictures; started by make.sh, which starts the demo. Every picture is of the real thing at a real moment: a rollout at its gate with one of two approvals, one that a bad version halted, one that is through.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import UPNG from 'upng-js';

const url = process.env.URL;
const wanted = process.argv.slice(2);
const sizes = [
  { suffix: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { suffix: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { suffix: '390', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
];
const places = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = places.find(p => p && existsSync(p));
if (!executablePath) throw new Error('No Chromium here; name one with CHROMIUM_PATH.');

const pause = ms => new Promise(done => setTimeout(done, ms));

async function api(method, path, body, token = process.env.TOKEN) {
  const answer = await fetch(url + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 400)}`);
  return text ? JSON.parse(text) : null;
}

async function until(what, probe) {
  for (const end = Date.now() + 180_000; Date.now() < end; await pause(1000)) {
    const found = await probe().catch(() => null);
    if (found) return found;
  }
  throw new Error(`Waited three minutes in vain: ${what}`);
}

async function start(token, kind, name, changes, stages) {
  const version = changes[0].serviceVersion.replaceAll('.', '-');
  const plan = await api('POST', '/api/v1/plans', {
    apiVersion: 'rollcall.dev/v1alpha1', kind: 'RolloutPlan', metadata: { name: `${name}-${version}`, namespace: 'demo' },
    spec: { target: { kind, name }, changes, ...(stages && { stages }) },
  }, token);
  return (await api('POST', '/api/v1/runs', { planId: plan.id }, token)).id;
}

const run = id => api('GET', `/api/v1/runs/${id}`);

async function open(look, person) {
  const context = await browser.newContext({ ...look, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  page.on('pageerror', error => {
    failed++;
    console.error(`${page.url()}: ${error.message}`);
  });
  if (!person) return page;
  const { url: link } = await api('POST', '/api/v1/links', person);
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('[data-circuit=ready]', { state: 'attached' });
  return page;
}

const browser = await chromium.launch({ executablePath, args: ['--disable-gpu'] });
let failed = 0;

await until('the demo is there, with its leaders', async () => {
  const clusters = await api('GET', '/api/v1/clusters');
  const pictures = await Promise.all(clusters.map(c => api('GET', `/api/v1/clusters/${c.namespace}/${c.name}/topology`)));
  return clusters.length >= 6 && clusters.every(c => c.phase === 'Running')
    && pictures.every(t => t.components.every(c => c.shards.every(s => !s.instances.some(i => /secondary|follower/.test(i.role ?? '')) || s.instances.some(i => /primary|leader|controller|active/.test(i.role ?? '')))));
});
const { token: robot } = await api('POST', '/api/v1/tokens', { label: 'release-train', roles: ['operator'], service: true });
const done = await start(robot, 'StatefulSetGroup', 'notify', [{ component: 'app', serviceVersion: '2.4.0' }], [{ name: 'all', shards: 'rest' }]);
const halted = await start(robot, 'Cluster', 'sessions', [{ component: 'shard', serviceVersion: '8.2.0-bad' }]);
const gated = await start(robot, 'StatefulSetGroup', 'orders', [{ component: 'redis', serviceVersion: '8.0.1' }], [{ name: 'canary', shards: { count: 1 } }, { name: 'rest', shards: 'rest', gate: { approvals: 2, groups: ['dba'], deadline: '4h' } }]);
await until('the gate opens', async () => (await run(gated)).gates.some(g => g.state === 'Open'));
await until('the bad version halts its run', async () => (await run(halted)).state === 'Paused');
await until('the service is rolled', async () => (await run(done)).state === 'Succeeded');
await api('POST', '/api/v1/accounts', { name: 'Olaf', roles: ['operator', 'approver'], groups: ['dba'] });
await api('POST', '/api/v1/accounts', { name: 'Ines', roles: ['viewer'] });
const screen = await api('POST', '/api/v1/screens', { name: 'dba-wall', title: 'Databases, demo', clusters: ['demo/orders'] });

// One of two approvals is given, by somebody else and on the page.
const bo = await open(sizes[0], { name: 'Bo', role: 'approver', groups: ['dba'] });
await bo.goto(`${url}/runs/${gated}`);
await bo.getByRole('textbox', { name: 'Comment' }).fill('Canary looks good, latency is where it was.');
await bo.getByRole('button', { name: 'Approve' }).click();
await until('the first approval counts', async () => (await run(gated)).gates[0].approvals.length === 1);
await bo.context().close();

const pages = {
  overview: '/',
  cluster: '/clusters/demo/orders',
  drawer: '/clusters/demo/orders?select=redis%2Fshard-b%2Forders-b-0&tab=conditions',
  table: '/clusters/demo/orders?view=table',
  compose: '/compose?cluster=demo%2Fbilling',
  run: `/runs/${gated}`,
  halted: `/runs/${halted}`,
  rollback: `/runs/${halted}`,
  report: `/runs/${done}/report`,
  approvals: '/approvals',
  runs: '/runs',
  audit: '/audit',
  rules: '/rules',
  settings: '/settings',
  people: '/settings/people',
};
// What has to be pressed before the picture.
const press = {
  rollback: async page => {
    await page.getByRole('button', { name: 'Roll back…' }).first().click();
    await page.waitForSelector('.mud-dialog .steps', { state: 'attached' });
  },
};
const want = name => wanted.length === 0 || wanted.some(w => name.startsWith(w));

for (const { suffix, ...look } of sizes) {
  const page = await open(look, { name: 'Ada', role: 'admin', groups: ['dba'] });
  for (const [name, path] of Object.entries(pages).filter(([name]) => want(name))) {
    await page.goto(url + path);
    await page.waitForSelector('[data-circuit=ready]', { state: 'attached' });
    await page.waitForLoadState('networkidle').catch(() => {}); // a live page may never be idle; then a moment has to do
    await pause(900);
    await press[name]?.(page);
    await pause(press[name] ? 600 : 0);
    await take(page, name, suffix);
  }
  await page.context().close();
  if (want('status')) {
    const wall = await open(look);
    await wall.goto(screen.url);
    await wall.waitForSelector('.status-figure');
    await wall.waitForSelector('.topo-lane');
    await pause(600);
    await take(wall, 'status', suffix);
    await wall.context().close();
  }
}
await browser.close();
process.exit(failed ? 1 : 0);

async function take(page, name, suffix) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 1) {
    failed++;
    console.error(`${name} is ${wide} px wider than the window of ${suffix}`);
  }
  // 256 colours are enough for what is on these pages, and half the bytes.
  const image = UPNG.decode(await page.screenshot());
  const small = UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, 256);
  await writeFile(new URL(`${name}-${suffix}.png`, import.meta.url), Buffer.from(small));
  console.log(`${name}-${suffix}.png`);
}
