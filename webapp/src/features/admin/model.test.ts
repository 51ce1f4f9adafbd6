import { describe, expect, test } from 'vitest';
import { at, makeRisk, makeStats } from '@/test/factories';
import {
  byUrgency,
  GPU_PLANS,
  hostsByState,
  METRIC_PLANS,
  pressures,
  pressureText,
  providerLook,
  providerOf,
  RISK_LABELS,
} from './model';
import { RISK_KINDS } from './search';

describe('the order of risks', () => {
  test('is by severity, and within one by when it was last seen', () => {
    const risks = [
      makeRisk({ id: 'old warning', last_seen_at: at(0) }),
      makeRisk({ id: 'info', severity: 'info', last_seen_at: at(9_000) }),
      makeRisk({ id: 'new warning', last_seen_at: at(5_000) }),
      makeRisk({ id: 'critical', severity: 'critical', last_seen_at: at(-9_000) }),
    ];
    expect(byUrgency(risks).map(({ id }) => id)).toEqual(['critical', 'new warning', 'old warning', 'info']);
    expect(risks[0]?.id).toBe('old warning');
  });
});

test('every kind of risk has a label of its own', () => {
  expect(new Set(RISK_KINDS.map((kind) => RISK_LABELS[kind])).size).toBe(RISK_KINDS.length);
});

test('a risk is looked into at the provider whose thing it is about', () => {
  expect(providerOf({ resource_type: 'provider', resource_id: 'usr_9', owner_id: 'usr_2' })).toBe('usr_9');
  expect(providerOf({ resource_type: 'host', resource_id: 'hst_1', owner_id: 'usr_2' })).toBe('usr_2');
  expect(providerOf({ resource_type: 'host', resource_id: 'hst_1', owner_id: null })).toBeUndefined();
});

test('draining shows instead of active, and not instead of banned', () => {
  expect(providerLook({ state: 'active', draining: false }).label).toBe('Active');
  expect(providerLook({ state: 'active', draining: true })).toEqual({ label: 'Draining', tone: 'wait' });
  expect(providerLook({ state: 'banned', draining: true })).toEqual({ label: 'Banned', tone: 'bad' });
});

test('host states are listed with the troubled ones first, and without those that no host is in', () => {
  const hosts = { total: 6, available: 2, by_state: { ready: 3, offline: 1, draining: 2, banned: 0 } };
  expect(hostsByState(hosts)).toEqual([
    { state: 'offline', count: 1 },
    { state: 'draining', count: 2 },
    { state: 'ready', count: 3 },
  ]);
});

describe('capacity', () => {
  const { capacity } = makeStats();

  test('is shown in units that people read', () => {
    expect(pressures(capacity).map(pressureText)).toEqual([
      '2 of 8 free',
      '20 of 32 free',
      '32 of 64 GiB free',
      '500 of 800 GiB free',
    ]);
  });

  test('leaves out what nobody offers', () => {
    const without = pressures({ ...capacity, gpus_total: 0, gpus_free: 0 });
    expect(without.map(({ what }) => what)).toEqual(['vCPUs', 'Memory', 'Disk']);
  });
});

test('the charts of a provider ask for one series each', () => {
  const metrics = [...METRIC_PLANS, ...GPU_PLANS].map(({ metric }) => metric);
  expect(new Set(metrics).size).toBe(metrics.length);
  const network = METRIC_PLANS.find(({ metric }) => metric === 'network_tx_bytes_per_s');
  expect(12_500_000 / (network?.divisor ?? 1)).toBe(100); // 100 Mbps
});
