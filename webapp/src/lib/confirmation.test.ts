import { expect, test } from 'vitest';
import { confirmationFor, typedName } from './confirmation';

test('what is asked for follows from what is lost', () => {
  expect(confirmationFor('nothing')).toBe('none');
  expect(confirmationFor('interruption')).toBe('confirm');
  expect(confirmationFor('permanent')).toBe('type-name');
});

test('only a permanent loss asks for the name', () => {
  expect(typedName('permanent', 'web-1')).toBe('web-1');
  expect(typedName('interruption', 'web-1')).toBeUndefined();
});
