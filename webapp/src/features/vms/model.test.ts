import { describe, expect, test } from 'vitest';
import { at, makeAccrual, makeVm, NOW } from '@/test/factories';
import type { VmPhase, VmStatus } from '@/types/domain';
import { billedS, selectVms, spentMicros, splitCost, startupMs, timeline, uptimeS } from './model';

describe('spentMicros', () => {
  test('counts on from the last answer at the running rate', () => {
    expect(spentMicros(makeVm(), NOW + 2_500)).toBe(7_500n);
  });

  test('stands still when nothing is billed, and when the clock is behind', () => {
    expect(spentMicros(makeVm({ billable: false }), NOW + 60_000)).toBe(5_000n);
    expect(spentMicros(makeVm(), NOW - 60_000)).toBe(5_000n);
  });
});

describe('timeline', () => {
  const starting = (phases: VmPhase[], status: VmStatus = 'provisioning') => makeVm({ phases, status });
  const booting = [
    { name: 'queued', state: 'done' as const, started_at: at(), elapsed_ms: 200 },
    { name: 'booting', state: 'active' as const, started_at: at(200), elapsed_ms: null },
    { name: 'ready', state: 'waiting' as const, started_at: null, elapsed_ms: null },
  ];

  test('shows what took how long and counts on what is in progress', () => {
    expect(timeline(starting(booting), NOW + 3_300)).toEqual([
      { name: 'Queued', state: 'done', detail: '0.2 s' },
      { name: 'Booting', state: 'active', detail: '3.1 s' },
      { name: 'Ready', state: 'waiting', detail: 'billing starts here' },
    ]);
    expect(startupMs(booting)).toBeNull();
  });

  test('says that a failed start never came to billing', () => {
    const failed = booting.map((phase) =>
      phase.name === 'booting' ? { ...phase, state: 'failed' as const, elapsed_ms: 60_000 } : phase,
    );
    expect(timeline(starting(failed, 'failed'), NOW).map((step) => step.detail)).toEqual([
      '0.2 s',
      '1m 00s',
      'not reached',
    ]);
  });

  test('sums the phases of a start that arrived', () => {
    const vm = makeVm();
    expect(startupMs(vm.phases)).toBe(4_000);
    expect(timeline(vm, NOW).at(-1)?.detail).toBe('billing started here');
  });

  test('no bill begins with a reboot, nor did one begin with a later start', () => {
    expect(timeline(starting(booting, 'rebooting'), NOW).at(-1)).toEqual({ name: 'Ready', state: 'waiting' });
    expect(timeline(starting(booting, 'starting'), NOW).at(-1)?.detail).toBe('the running rate starts here');
    expect(timeline(makeVm({ generation: 2 }), NOW).at(-1)).toEqual({ name: 'Ready', state: 'done' });
  });
});

describe('splitCost', () => {
  const lines = [makeAccrual(), makeAccrual({ k: 1, amount_micros: 1_000 })];

  test('posted and live parts add up to the total', () => {
    const cost = splitCost(makeVm(), lines, NOW + 1_000);
    expect(cost).toEqual({ postedMicros: 3_000n, liveMicros: 3_000n, totalMicros: 6_000n });
  });

  test('never shows a negative live part when lines are newer than the VM', () => {
    const cost = splitCost(makeVm({ billable: false, spent_micros: 2_000 }), lines, NOW);
    expect(cost).toEqual({ postedMicros: 3_000n, liveMicros: 0n, totalMicros: 3_000n });
  });
});

test('billed time counts on only while it is billed', () => {
  expect(billedS(makeVm(), NOW + 5_000)).toBe(10);
  expect(billedS(makeVm({ billable: false }), NOW + 5_000)).toBe(5);
});

test('nothing counts on that no heartbeat proves', () => {
  const silent = makeVm({ lost_declarable_at: at(86_400_000), host_heard_at: at(3_000) });
  expect(spentMicros(silent, NOW + 60_000)).toBe(5_000n);
  expect(billedS(silent, NOW + 60_000)).toBe(5);
  expect(uptimeS(silent, NOW + 60_000)).toBe(3);
});

test('uptime is for what is up', () => {
  expect(uptimeS(makeVm(), NOW + 5_000)).toBe(5);
  expect(uptimeS(makeVm({ status: 'stopped' }), NOW + 5_000)).toBeNull();
});

test('views and search narrow the list', () => {
  const vms = [makeVm(), makeVm({ id: 'vm_2', name: 'db', status: 'failed' })];
  expect(selectVms(vms, 'current', '').map((vm) => vm.name)).toEqual(['web-1']);
  expect(selectVms(vms, 'ended', '').map((vm) => vm.name)).toEqual(['db']);
  expect(selectVms(vms, 'all', 'DB').map((vm) => vm.name)).toEqual(['db']);
});
