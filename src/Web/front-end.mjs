// Fills wwwroot/lib with the browser builds of the npm packages and their licences. Run by the build of src/Web; safe to run by hand.
// No bundler: the modules of d3 and CodeMirror import each other by bare names, so those are rewritten to relative ones here. An import map would
// do the same, but it is an inline script, and the content security policy allows none.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const lib = join(here, '..', '..', 'wwwroot', 'lib');
const notices = join(lib, 'THIRD-PARTY-NOTICES.txt');

installIfNeeded();
rmSync(lib, { recursive: true, force: true });
const shipped = [...copyD3(), ...copyEditor(), copySignalR(), copyCharts(), copyFont()];
copySchema();
writeNotices(shipped);

function installIfNeeded() {
  const lock = join(here, 'package-lock.json');
  const installed = join(modules, '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs)
    return;
  const npm = spawnSync('npm ci', { cwd: here, stdio: ['ignore', 'inherit', 'inherit'], shell: true });
  if (npm.status !== 0) {
    console.error('front-end.mjs : error RC0002: "npm ci" failed in src/Web: the npm registry must be reachable once, for the packages of package-lock.json.');
    process.exit(1);
  }
  const now = new Date();
  utimesSync(installed, now, now);
}

function copyD3() {
  const names = closure(['d3-selection', 'd3-transition', 'd3-zoom']);
  mkdirSync(join(lib, 'd3'), { recursive: true });
  for (const name of names) {
    const source = readFileSync(join(modules, name, 'dist', `${name}.min.mjs`), 'utf8');
    writeFileSync(join(lib, 'd3', `${name}.js`), source.replace(/(from|import)(\s*)"(d3-[a-z]+)"/g, '$1$2"./$3.js"'));
  }
  return names;
}

function copyEditor() {
  const own = Object.keys(JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies).filter(name => /^@(codemirror|lezer)\//.test(name));
  const names = closure(own);
  const file = name => `${name.replace('@', '').replace('/', '-')}.js`;
  mkdirSync(join(lib, 'codemirror'), { recursive: true });
  for (const name of names) {
    const source = readFileSync(join(modules, name, manifest(name).exports.import), 'utf8');
    const relative = source.replace(/^((?:import|export)\s+(?:[\w$*\s{},]+\sfrom\s+)?)(['"])([@a-z][^'"]*)\2/gm, (_, start, quote, from) => {
      if (!names.includes(from)) throw new Error(`${name} imports ${from}, which is not among its dependencies`);
      return `${start}${quote}./${file(from)}${quote}`;
    });
    writeFileSync(join(lib, 'codemirror', file(name)), withoutSourceMap(relative));
  }
  return names;
}

// The editor proposes from the schema that is published; other editors can load it from here too.
function copySchema() {
  mkdirSync(join(lib, 'schema'), { recursive: true });
  cpSync(join(here, '..', '..', 'docs', 'schema', 'rollout-plan.schema.json'), join(lib, 'schema', 'rollout-plan.schema.json'));
}

function closure(names) {
  const seen = new Set();
  const visit = name => {
    if (seen.has(name)) return;
    seen.add(name);
    Object.keys(manifest(name).dependencies ?? {}).forEach(visit);
  };
  names.forEach(visit);
  return [...seen].sort();
}

function copySignalR() {
  copy('@microsoft/signalr/dist/browser/signalr.min.js', 'signalr/signalr.min.js', withoutSourceMap);
  return '@microsoft/signalr';
}

function copyCharts() {
  copy('apexcharts/dist/apexcharts.min.js', 'apexcharts/apexcharts.min.js', withoutSourceMap);
  return 'apexcharts';
}

function copyFont() {
  const name = '@fontsource-variable/inter';
  copy(`${name}/wght.css`, 'inter/inter.css');
  for (const script of ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'greek-ext', 'vietnamese'])
    cpSync(join(modules, name, 'files', `inter-${script}-wght-normal.woff2`), join(lib, 'inter', 'files', `inter-${script}-wght-normal.woff2`));
  return name;
}

function copy(from, to, change = text => text) {
  const target = join(lib, to);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, change(readFileSync(join(modules, from), 'utf8')));
}

// The maps are not shipped; a reference to a missing one is a 404 in everybody's developer tools.
function withoutSourceMap(text) {
  return text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
}

function manifest(name) {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
}

// Written last: its time stamp tells the build that the folder is complete.
function writeNotices(names) {
  const parts = names.map(name => {
    const { version, license } = manifest(name);
    const file = ['LICENSE', 'LICENSE.txt', 'LICENSE.md'].map(f => join(modules, name, f)).find(existsSync);
    return `${name} ${version} (${license})\n${'-'.repeat(72)}\n${file ? readFileSync(file, 'utf8').trim() : `Licensed under ${license}, as its package says.`}\n`;
  });
  writeFileSync(notices, `Files under lib/ come unchanged from these packages, except that the imports of d3's and CodeMirror's modules are made relative.\n\n${parts.join('\n\n')}`);
}
