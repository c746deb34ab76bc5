// Takes the pictures; started by make.sh, which starts the demo. Every picture is of the real thing at a real moment: a rollout that waits at its gate.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

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

async function api(method, path, body) {
  const answer = await fetch(url + path, { method, headers: { Authorization: `Bearer ${process.env.TOKEN}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
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

async function rollToTheGate() {
  await until('the demo is there', async () => (await api('GET', '/api/v1/clusters')).some(c => c.name === 'orders' && c.phase === 'Running' && c.components[0].availableVersions.length > 0));
  const plan = await api('POST', '/api/v1/plans', {
    apiVersion: 'rollcall.dev/v1alpha1', kind: 'RolloutPlan', metadata: { name: 'orders-redis-8-0-1', namespace: 'demo' },
    spec: {
      target: { kind: 'StatefulSetGroup', name: 'orders' }, changes: [{ component: 'redis', serviceVersion: '8.0.1' }],
      stages: [{ name: 'canary', shards: { count: 1 } }, { name: 'rest', shards: 'rest', gate: { approvals: 1 } }],
    },
  });
  const run = await api('POST', '/api/v1/runs', { planId: plan.id });
  await until('the gate opens', async () => (await api('GET', `/api/v1/runs/${run.id}`)).gates.some(g => g.state === 'Open'));
  return run.id;
}

const run = await rollToTheGate();
const screen = await api('POST', '/api/v1/screens', { name: 'dba-wall', title: 'Databases, demo', clusters: ['demo/orders'] });
const member = 'select=redis%2Fshard-b%2Forders-b-0';
const pages = {
  overview: '/',
  cluster: '/clusters/demo/orders',
  drawer: `/clusters/demo/orders?${member}&tab=conditions`,
  table: '/clusters/demo/orders?view=table',
  compose: '/compose?cluster=demo%2Fbilling',
  run: `/runs/${run}`,
  report: `/runs/${run}/report`,
  approvals: '/approvals',
  runs: '/runs',
  audit: '/audit',
  settings: '/settings',
};

const browser = await chromium.launch({ executablePath, args: ['--disable-gpu'] });
let failed = 0;
for (const { suffix, ...look } of sizes) {
  const context = await browser.newContext({ ...look, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  page.on('pageerror', error => {
    failed++;
    console.error(`${page.url()}: ${error.message}`);
  });
  const { url: link } = await api('POST', '/api/v1/links', { name: `Ada ${suffix}`, role: 'admin' });
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('[data-circuit=ready]', { state: 'attached' });
  for (const [name, path] of Object.entries(pages)) {
    if (wanted.length && !wanted.some(w => name.startsWith(w))) continue;
    await page.goto(url + path);
    await page.waitForSelector('[data-circuit=ready]', { state: 'attached' });
    await page.waitForLoadState('networkidle').catch(() => {}); // a live page may never be idle; then a moment has to do
    await pause(900);
    await take(page, name, suffix);
  }
  if (!wanted.length || wanted.some(w => 'status'.startsWith(w))) {
    const wall = await (await browser.newContext({ ...look, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' })).newPage();
    await wall.goto(screen.url);
    await wall.waitForSelector('.status-figure');
    await wall.waitForSelector('.topo-lane');
    await pause(600);
    await take(wall, 'status', suffix);
    await wall.context().close();
  }
  await context.close();
}
await browser.close();
process.exit(failed ? 1 : 0);

async function take(page, name, suffix) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 1) {
    failed++;
    console.error(`${name} is ${wide} px wider than the window of ${suffix}`);
  }
  await page.screenshot({ path: new URL(`${name}-${suffix}.png`, import.meta.url).pathname });
  console.log(`${name}-${suffix}.png`);
}
