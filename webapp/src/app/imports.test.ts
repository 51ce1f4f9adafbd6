import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

// That no import leads in a circle, nor past another feature's index, is the linter's to say: see biome.json.
const SRC = resolve(__dirname, '..');
// Each layer may import itself and those to its right.
const LAYERS = ['app', 'features', 'design', 'lib', 'types'];

interface Import {
  file: string;
  target: string;
}

/** Every module below src, tests aside. */
const sources = () =>
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) && !name.startsWith('test/'))
    .map((file) => ({ file, source: readFileSync(join(SRC, file), 'utf8') }));

/** Every import of one of our modules, as paths below src. */
function ownImports(): Import[] {
  return sources().flatMap(({ file, source }) => {
    const specifiers = [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      (match) => match[1] ?? '',
    );
    return specifiers.flatMap((specifier) => {
      if (specifier.startsWith('@/')) return [{ file, target: specifier.slice(2) }];
      if (!specifier.startsWith('.')) return [];
      const target = relative(SRC, resolve(SRC, dirname(file), specifier)).replaceAll('\\', '/');
      return [{ file, target }];
    });
  });
}

const layerOf = (path: string) => LAYERS.indexOf(path.split('/')[0] ?? '');
const show = ({ file, target }: Import) => `${file} → ${target}`;
const isApiDocs = (path: string) => path.startsWith('api-docs/');
const all = ownImports();
const imports = all.filter(({ file, target }) => !isApiDocs(file) && !isApiDocs(target));

test('finds the imports it judges', () => {
  expect(imports.length).toBeGreaterThan(200);
  expect(imports.filter(({ target }) => layerOf(target) === -1).map(show)).toEqual([]);
});

test('the page of the API documentation shares nothing with the console', () => {
  const across = all.filter(({ file, target }) => isApiDocs(file) !== isApiDocs(target));
  expect(across.map(show)).toEqual([]);
});

test('imports point one way: app → features → design → lib → types', () => {
  const against = imports.filter(({ file, target }) => layerOf(file) > layerOf(target));
  expect(against.map(show)).toEqual([]);
});

test('only the api modules of features call the server', () => {
  const callers = imports.filter(
    ({ file, target }) => target === 'lib/http' && !/^features\/[^/]+\/api(-[a-z]+)?\.ts$/.test(file),
  );
  expect(callers.map(show)).toEqual([]);
});

test('parts that are fetched later can be asked for again', () => {
  // React's `lazy` remembers a failure for ever, and the router's reloads the page.
  const forgetful = sources()
    .filter(({ file }) => file !== 'lib/lazy-part.tsx')
    .filter(({ source }) => /\blazy\(|\blazyRouteComponent\(/.test(source));
  expect(forgetful.map(({ file }) => file)).toEqual([]);
});

test('the design knows no domain', () => {
  const knowing = imports.filter(
    ({ file, target }) => file.startsWith('design/') && target.startsWith('types/'),
  );
  expect(knowing.map(show)).toEqual([]);
});
