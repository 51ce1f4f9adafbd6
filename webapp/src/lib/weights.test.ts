import { expect, test } from 'vitest';
import { typedName, weightOf } from './weights';

test('an act weighs what it loses', () => {
  expect(weightOf('nothing')).toBe('at-once');
  expect(weightOf('interruption')).toBe('confirm');
  expect(weightOf('for-good')).toBe('type-name');
});

test('only what is lost for good wants its name', () => {
  expect(typedName('for-good', 'web-1')).toBe('web-1');
  expect(typedName('interruption', 'web-1')).toBeUndefined();
});
