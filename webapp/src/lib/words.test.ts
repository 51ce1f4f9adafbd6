import { expect, test } from 'vitest';
import { readable } from './words';

test.each([
  ['final_settlement', 'Final settlement'],
  ['vm.start_failed', 'Vm start failed'],
  ['ops-admin', 'Ops admin'],
  ['__a', 'A'],
  ['', ''],
])('%j reads %j', (name, text) => {
  expect(readable(name)).toBe(text);
});
