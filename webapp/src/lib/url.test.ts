import { describe, expect, test } from 'vitest';
import { localPath, oneOf, text } from './url';

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
