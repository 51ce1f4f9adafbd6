import { expect, test } from 'vitest';
import { isAdmin, isOperator } from './roles';

test.each([
  ['user', false, false],
  ['provider', false, false],
  ['ops-admin', true, false],
  ['admin', true, true],
  ['super-admin', true, true],
  [undefined, false, false],
])('%s: operator %s, admin %s', (role, operator, admin) => {
  expect(isOperator(role)).toBe(operator);
  expect(isAdmin(role)).toBe(admin);
});
