import { describe, expect, test } from 'vitest';
import { makeDevice, makeHost, makeMarketItem, makeSelfTest, NOW } from '@/test/factories';
import type { EnrollmentState, Host } from '@/types/domain';
import { comparePrice } from './market';
import {
  codeSecondsLeft,
  enrollmentSteps,
  findMachines,
  gpuText,
  gpuUse,
  isListed,
  whyNotRented,
  whyUnavailable,
} from './model';

test.each<[Partial<Host>, string | undefined]>([
  [{}, undefined],
  [{ unavailable_reason: 'sold_out' }, 'It is fully rented.'],
  [
    { unavailable_reason: 'host_offline', state: 'offline' as const, state_reason: 'silence' },
    'No heartbeat received.',
  ],
  [
    { unavailable_reason: 'no_virtualisation', accelerator_note: 'qemu is not installed' },
    'qemu is not installed',
  ],
])('a machine with %o is unavailable because: %s', (over, reason) => {
  expect(whyUnavailable(makeHost(over))).toBe(reason);
});

describe('why a machine is not rented', () => {
  const idle: Partial<Host> = { free: { vcpus: 6, memory_mib: 12_288, disk_gib: 150, gpus: 0 } };
  const dear = comparePrice('vCPU', 12_000_000, makeMarketItem());
  const score = (score_percent: number) => ({
    score_percent,
    window_days: 30,
    uptime_percent: 99,
    downtimes: 1,
    interruptions: 0,
    provisional: false,
  });

  test.each<[string, Partial<Host>, string | undefined]>([
    ['nothing is known against it', idle, undefined],
    ['it is rented', {}, undefined],
    [
      'it is away',
      { ...idle, state: 'offline', unavailable_reason: 'host_offline', state_reason: 'silence' },
      'No heartbeat received.',
    ],
    [
      'it failed',
      { ...idle, self_test: makeSelfTest({ verdict: 'fail' }) },
      'Not rented: its self-test failed.',
    ],
    ['it is unreliable', { ...idle, reliability: score(91) }, 'Not rented: its reliability is 91.0%.'],
    [
      'it has warnings',
      { ...idle, self_test: makeSelfTest({ verdict: 'warn' }) },
      'Not rented: its self-test has warnings.',
    ],
  ])('when %s', (_name, over, reason) => {
    expect(whyNotRented(makeHost(over), undefined)).toBe(reason);
  });

  test('when it is dear, by how much', () => {
    expect(whyNotRented(makeHost(idle), dear)).toBe('Not rented: its vCPU price is 50% above the median.');
    expect(whyNotRented(makeHost(), dear)).toBeUndefined();
    const alone = comparePrice('vCPU', 12_000_000, makeMarketItem({ hosts: 1 }));
    expect(whyNotRented(makeHost(idle), alone)).toBeUndefined();
  });
});

test('GPUs that are not on sale count for nothing', () => {
  const devices = [
    makeDevice({ state: 'leased' }),
    makeDevice({ uuid: 'GPU-2' }),
    makeDevice({ uuid: 'GPU-3', state: 'not_offered' }),
  ];
  expect(gpuUse(makeHost({ devices }))).toEqual({ used: 1, total: 2 });
  expect(gpuText(makeHost({ devices }))).toBe('3× RTX 4090');
  expect(gpuText(makeHost({ gpu_note: 'no driver' }))).toBe('none: no driver');
});

test('machines are found by name and hardware, all words together', () => {
  const hosts = [
    makeHost({ id: 'hst_1', name: 'attic', devices: [makeDevice()] }),
    makeHost({ id: 'hst_2', name: 'cellar' }),
  ];
  const found = (query: string) => findMachines(hosts, query).map(({ id }) => id);
  expect(found('')).toEqual(['hst_1', 'hst_2']);
  expect(found('4090 ATT')).toEqual(['hst_1']);
  expect(found('4090 cellar')).toEqual([]);
});

test('a code never has less than no time left', () => {
  expect(codeSecondsLeft('2026-03-01T12:00:30Z', NOW)).toBe(30);
  expect(codeSecondsLeft('2026-03-01T11:00:00Z', NOW)).toBe(0);
});

describe('joining', () => {
  const code = (over: Partial<EnrollmentState> = {}): EnrollmentState => ({
    id: 'enr_1',
    state: 'waiting',
    host_id: null,
    expires_at: '2026-03-01T12:15:00Z',
    ...over,
  });
  const used = code({ state: 'used', host_id: 'hst_1' });
  const states = (...input: Parameters<typeof enrollmentSteps>) =>
    enrollmentSteps(...input).map(({ state }) => state);

  test('nothing is ticked before its record is there', () => {
    expect(states(undefined, undefined)).toEqual([
      'active',
      'waiting',
      'waiting',
      'waiting',
      'waiting',
      'waiting',
    ]);
    expect(states(used, undefined)).toEqual(['done', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting']);
    const silent = makeHost({
      last_heartbeat_at: null,
      state: 'enrolled',
      unavailable_reason: 'host_enrolled',
    });
    expect(states(used, silent)).toEqual(['done', 'active', 'waiting', 'waiting', 'waiting', 'waiting']);
  });

  test('a machine on the market has everything ticked but what was not tested', () => {
    expect(states(used, makeHost())).toEqual(['done', 'done', 'done', 'done', 'active', 'done']);
    const joined = makeHost({ self_test: makeSelfTest() });
    expect(states(used, joined)).toEqual(Array(6).fill('done'));
    expect(isListed(joined)).toBe(true);
    expect(isListed(makeHost())).toBe(false);
  });

  test('what failed says so, with the reason', () => {
    expect(enrollmentSteps(code({ state: 'expired' }), undefined)[0]).toMatchObject({ state: 'failed' });
    const bare = makeHost({
      accelerator: null,
      accelerator_note: 'qemu is not installed',
      unavailable_reason: 'no_virtualisation',
      self_test: makeSelfTest({ verdict: 'fail' }),
    });
    expect(enrollmentSteps(used, bare).slice(2)).toEqual([
      { name: 'Virtualisation', state: 'failed', detail: 'qemu is not installed' },
      { name: 'GPU', state: 'done', detail: 'none in this machine' },
      { name: 'Self-test', state: 'failed', detail: 'failed' },
      { name: 'On the market', state: 'failed', detail: 'qemu is not installed' },
    ]);
  });
});
