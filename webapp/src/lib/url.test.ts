import { describe, expect, test } from 'vitest';
import { count, localPath, oneOf, tabOf, text } from './url';

describe('localPath', () => {
  test.each(['/vms/vm_1?tab=cost', '/catalog#x'])('keeps %s', (path) => {
    expect(localPath(path)).toBe(path);
  });

  test.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    7,
    undefined,
  ])('drops %s, which could lead elsewhere', (path) => {
    expect(localPath(path)).toBeUndefined();
  });
});

test('codecs fall back instead of failing', () => {
  expect(oneOf('cost', ['overview', 'cost'], 'overview')).toBe('cost');
  expect(oneOf('nonsense', ['overview', 'cost'], 'overview')).toBe('overview');
  expect(text(12)).toBe('12');
  expect(text('')).toBeUndefined();
});

test.each([
  [3, 3],
  [0, undefined],
  [-1, undefined],
  [1.5, undefined],
  [Number.NaN, undefined],
  [2 ** 53, undefined],
  ['3', undefined],
])('%j counts as %j', (value, read) => {
  expect(count(value)).toBe(read);
});

test('a tab is one of those there are; the first is not named', () => {
  const tabs = { overview: 'Overview', cost: 'Cost' };
  expect(tabOf('cost', tabs)).toBe('cost');
  for (const other of ['overview', 'Cost', 'toString', 1, undefined, ['cost']]) {
    expect(tabOf(other, tabs)).toBeUndefined();
  }
});
