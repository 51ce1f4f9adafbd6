import { expect, test } from 'vitest';
import { tokenOf } from './email-token';

test.each([
  ['token=abc', 'abc'],
  ['a=b&token=x%2By%3D', 'x+y='],
  ['', ''],
  ['token=', ''],
  ['abc', ''],
])('the hash %j holds the token %j', (hash, token) => {
  expect(tokenOf(hash)).toBe(token);
});
