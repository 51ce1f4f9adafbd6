import { expect, test } from 'vitest';
import { formatDay, formatMinute } from '@/lib/time';
import { at, makeVm, NOW } from '@/test/factories';
import type { VmStatus } from '@/types/domain';
import { billingText, unprovenText, unreachableSince } from './billing';

test.each<[VmStatus, string, string]>([
  ['pending', 'Not billed until it responds.', 'Not billed until it responds.'],
  ['provisioning', 'Not billed until it responds.', 'Not billed until it responds.'],
  ['running', 'Billed by the millisecond.', 'only if the host proves that the VM kept running.'],
  ['rebooting', 'Billed at $3.60/hr while it reboots.', 'only if the host proves that the VM kept running.'],
  [
    'stopping',
    'The running rate ended with your request. While stopped it costs $0.10/hr.',
    'not confirmed the stop yet.',
  ],
  ['stopped', 'Only its disk is billed.', 'only if the host proves that it kept the disk.'],
  ['starting', 'Only its disk is billed until it responds.', 'that it kept the disk.'],
  ['terminating', 'Billing ended with your request.', 'not confirmed the termination yet.'],
  ['terminated', 'Billing has ended.', ''],
  ['failed', 'Billing has ended.', ''],
  ['lost', 'Billing has ended.', ''],
])('%s says what is billed, and what an unreachable host does to the bill', (status, billed, unproven) => {
  expect(billingText(makeVm({ status }))).toBe(billed);
  expect(unprovenText({ status })).toMatch(unproven);
});

test('where a disk costs nothing, nothing is said to be billed', () => {
  const free = { stopped_rate_nanos_per_hour: 0 };
  expect(billingText(makeVm({ ...free, status: 'stopped' }))).toBe('Not billed while it is stopped.');
  expect(billingText(makeVm({ ...free, status: 'starting' }))).toBe('Not billed until it responds.');
  expect(billingText(makeVm({ ...free, status: 'stopping' }))).toMatch(/While stopped it costs nothing\.$/);
});

test('unreachable since today has a time, since earlier its day', () => {
  const host_heard_at = at(-60_000);
  expect(unreachableSince({ host_heard_at }, NOW)).toBe(`since ${formatMinute(host_heard_at)}`);
  expect(unreachableSince({ host_heard_at }, NOW + 86_400_000)).toBe(`since ${formatDay(host_heard_at)}`);
  expect(unreachableSince({ host_heard_at: null }, NOW)).toBe('from the start');
});
