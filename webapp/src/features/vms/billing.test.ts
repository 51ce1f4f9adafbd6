import { expect, test } from 'vitest';
import { formatDay, formatMinute } from '@/lib/time';
import { at, makeVm, NOW } from '@/test/factories';
import type { VmStatus } from '@/types/domain';
import { billingText, silentSince, unprovenText } from './billing';

test.each<[VmStatus, string, string]>([
  [
    'pending',
    'Nothing is billed until it has answered.',
    'Nothing is billed until the machine has answered.',
  ],
  [
    'provisioning',
    'Nothing is billed until it has answered.',
    'Nothing is billed until the machine has answered.',
  ],
  ['running', 'Billed by the millisecond.', 'unless the host proves that the machine ran on.'],
  [
    'rebooting',
    'It stays billed at $3.60/hr while it reboots.',
    'unless the host proves that the machine ran on.',
  ],
  [
    'stopping',
    'The running price ended with your request. Stopped, it costs $0.10/hr.',
    'not confirmed the stop yet.',
  ],
  ['stopped', 'Only its disk is billed.', 'unless the host proves that it has kept the disk.'],
  ['starting', 'Only its disk is billed until it has answered.', 'that it has kept the disk.'],
  ['terminating', 'Billing ended with your request.', 'not confirmed the end yet.'],
  ['terminated', 'Billing has ended.', ''],
  ['failed', 'Billing has ended.', ''],
  ['lost', 'Billing has ended.', ''],
])('%s says what is billed, and what silence does to the bill', (status, billed, unproven) => {
  expect(billingText(makeVm({ status }))).toBe(billed);
  expect(unprovenText({ status })).toMatch(unproven);
});

test('where a disk costs nothing, nothing is said to be billed', () => {
  const free = { stopped_rate_nanos_per_hour: 0 };
  expect(billingText(makeVm({ ...free, status: 'stopped' }))).toBe('Nothing is billed while it is stopped.');
  expect(billingText(makeVm({ ...free, status: 'starting' }))).toBe(
    'Nothing is billed until it has answered.',
  );
  expect(billingText(makeVm({ ...free, status: 'stopping' }))).toMatch(/Stopped, it costs nothing\.$/);
});

test('silence of today has a time, older silence has its day', () => {
  const host_heard_at = at(-60_000);
  expect(silentSince({ host_heard_at }, NOW)).toBe(`since ${formatMinute(host_heard_at)}`);
  expect(silentSince({ host_heard_at }, NOW + 86_400_000)).toBe(`since ${formatDay(host_heard_at)}`);
  expect(silentSince({ host_heard_at: null }, NOW)).toBe('yet');
});
