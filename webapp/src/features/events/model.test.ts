import { expect, test } from 'vitest';
import { formatDateTime } from '@/lib/time';
import type { EventType } from '@/types/domain';
import { actorText, eventLabel, eventText } from './model';

test('data is told in words, before what somebody wrote', () => {
  const change = {
    kind: 'capacity_change' as const,
    before: { vcpus: 4, memory_mib: 8192, disk_gib: 100, gpus: 0 },
    after: { vcpus: 8, memory_mib: 8192, disk_gib: 100, gpus: 1 },
  };
  expect(eventText({ data: change, detail: '' })).toBe(
    'From 4 vCPU, 8 GiB memory, 100 GiB disk to 8 vCPU, 8 GiB memory, 100 GiB disk, 1 GPU',
  );
  const failed = {
    kind: 'command_outcome' as const,
    verb: 'create' as const,
    command_id: null,
    code: 'boot_timeout',
  };
  expect(eventText({ data: failed, detail: 'no banner in 60 s' })).toBe(
    'Create: boot timeout · no banner in 60 s',
  );
  expect(eventText({ data: { ...failed, code: null }, detail: '' })).toBe('');
  expect(eventText({ data: null, detail: 'new disks' })).toBe('new disks');
});

test('what was not charged is told to the micro-dollar, with the stretch that nothing proves', () => {
  const stretch = { started_at: '2026-03-01T12:00:00.000Z', ended_at: '2026-03-01T12:02:00.000Z' };
  expect(eventText({ data: { kind: 'unbilled_time', ...stretch, amount_micros: 358 }, detail: '' })).toBe(
    `$0.000358 not charged, ${formatDateTime(stretch.started_at)} to ${formatDateTime(stretch.ended_at)}`,
  );
});

test('a warning of low funds says when the disk goes', () => {
  const ends_at = '2026-03-01T12:00:00.000Z';
  expect(eventText({ data: { kind: 'funds_low', ends_at }, detail: '' })).toBe(
    `The VM and its disk are terminated shortly before ${formatDateTime(ends_at)} unless funds are added`,
  );
});

test('who did it is you, the host, an operator or the platform', () => {
  expect(actorText('usr_1', 'usr_1')).toBe('You');
  expect(actorText('hst_1', 'usr_1')).toBe('The host');
  expect(actorText('reconciler', 'usr_1')).toBe('The platform');
});

test('a kind of a later release still reads as words', () => {
  expect(eventLabel('vm.running')).toBe('Running');
  expect(eventLabel('vm.snapshot_taken' as EventType)).toBe('Vm snapshot taken');
});
