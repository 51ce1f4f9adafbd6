import { expect, test } from 'vitest';
import { makeHost, NOW } from '@/test/factories';
import { codeSecondsLeft, newcomer, whyUnavailable } from './model';

test('the newcomer is the machine nobody knew when the code was made', () => {
  const hosts = [makeHost({ id: 'hst_1' }), makeHost({ id: 'hst_2' })];
  expect(newcomer(hosts, new Set(['hst_1']))?.id).toBe('hst_2');
  expect(newcomer(hosts, new Set(['hst_1', 'hst_2']))).toBeUndefined();
  expect(newcomer(undefined, new Set())).toBeUndefined();
});

test.each([
  [{}, undefined],
  [{ unavailable_reason: 'sold_out' }, 'Everything is rented.'],
  [
    { unavailable_reason: 'host_offline', state: 'offline' as const, state_reason: 'heartbeat_lost' },
    'Heartbeat lost',
  ],
  [
    { unavailable_reason: 'no_virtualisation', accelerator_note: 'qemu is not installed' },
    'qemu is not installed',
  ],
])('a machine with %o is unavailable because: %s', (over, reason) => {
  expect(whyUnavailable(makeHost(over))).toBe(reason);
});

test('a code never has less than no time left', () => {
  expect(codeSecondsLeft('2026-03-01T12:00:30Z', NOW)).toBe(30);
  expect(codeSecondsLeft('2026-03-01T11:00:00Z', NOW)).toBe(0);
});
