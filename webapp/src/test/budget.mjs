// Fails when the built application is larger than what first load may cost. Run after `npm run build`.
// Sizes are gzip, in KB of 1024 bytes: what travels, not what lies on disk.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMITS_KB = { entry: 120, catalog: 170, route: 45, chart: 25, css: 14, fonts: 62, docs: 470 };
const CATALOG = 'src/features/catalog/pages/CatalogPage.tsx';
const SHELL = 'src/app/Shell.tsx';
// The shell is around every page of the console; the deploy bar opens from the catalog's rows.
const CATALOG_PARTS = [SHELL, 'src/features/catalog/components/DeployBar.tsx'];
// What first load fetches: the Latin subsets. Other scripts are fetched only where such text appears.
const FIRST_LOAD_FONTS = /latin-(?:wght|400)-normal.*\.woff2$/;

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'));
const sizeKb = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length / 1024;

function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

const sum = (keys) => [...keys].reduce((total, key) => total + sizeKb(manifest[key].file), 0);
const without = (keys, base) => new Set([...keys].filter((key) => !base.has(key)));

const entry = closure('index.html');
const docs = closure('api-docs.html');
// Tabs of a page, loaded when they are opened: each is weighed with its page and the shell.
const SETTINGS = 'src/features/settings/pages/SettingsPage.tsx';
const isPanel = (key) => /^src\/features\/[^/]+\/panels\//.test(key);
const isPage = (key) => /^src\/features\/[^/]+\/pages\//.test(key);

const rows = [['entry JS', sum(entry), LIMITS_KB.entry]];
for (const key of Object.keys(manifest).filter(isPage)) {
  const outside = key.startsWith('src/features/identity/');
  const parts = key === CATALOG ? [key, ...CATALOG_PARTS] : outside ? [key] : [key, SHELL];
  const own = without(new Set(parts.flatMap((part) => [...closure(part)])), entry);
  if (key === CATALOG) rows.push(['catalog in total', sum(entry) + sum(own), LIMITS_KB.catalog]);
  else rows.push([`+ ${key.split('/').at(-1).replace('.tsx', '')}`, sum(own), LIMITS_KB.route]);
}
for (const key of Object.keys(manifest).filter(isPanel)) {
  const own = without(new Set([key, SETTINGS, SHELL].flatMap((part) => [...closure(part)])), entry);
  rows.push([`+ ${key.split('/').at(-1).replace('.tsx', '')}`, sum(own), LIMITS_KB.route]);
}
// The tabs of a machine are weighed with its page and the shell; the canvas, fetched after its tab, by itself.
const MACHINE = 'src/features/provider/pages/MachinePage.tsx';
const CHART = 'src/design/ChartPlot.tsx';
const tabOf = (name) => `src/features/provider/components/${name}.tsx`;
const withTab = (name) => new Set([tabOf(name), MACHINE, SHELL].flatMap((part) => [...closure(part)]));
for (const name of [
  'MachineOverview',
  'Metrics',
  'SelfTests',
  'Prices',
  'MachineEvents',
  'MachineSettings',
]) {
  rows.push([`+ ${name}`, sum(without(withTab(name), entry)), LIMITS_KB.route]);
}
rows.push([
  '+ chart',
  sum(without(closure(CHART), new Set([...entry, ...withTab('Metrics')]))),
  LIMITS_KB.chart,
]);
const cssOf = (keys) => [...new Set(keys.flatMap((key) => manifest[key].css ?? []))];
const css = cssOf(Object.keys(manifest).filter((key) => !docs.has(key)));
rows.push(['CSS', css.reduce((total, file) => total + sizeKb(file), 0), LIMITS_KB.css]);
rows.push([
  'API docs, JS and CSS',
  sum(docs) + cssOf([...docs]).reduce((total, file) => total + sizeKb(file), 0),
  LIMITS_KB.docs,
]);
const fonts = readdirSync(`${dist}assets`).filter((file) => FIRST_LOAD_FONTS.test(file));
if (fonts.length !== 2)
  throw new Error(`expected two first-load fonts, found: ${fonts.join(', ') || 'none'}`);
rows.push([
  'fonts',
  fonts.reduce((total, file) => total + readFileSync(`${dist}assets/${file}`).length / 1024, 0),
  LIMITS_KB.fonts,
]);

let over = 0;
for (const [name, kb, limit] of rows) {
  const bad = kb > limit;
  over += bad ? 1 : 0;
  console.log(`${bad ? 'OVER' : 'ok  '} ${name.padEnd(24)} ${kb.toFixed(1).padStart(7)} KB of ${limit}`);
}
process.exit(over ? 1 : 0);
