import { expect, test } from 'vitest';
import {
  parseAuditSearch,
  parseInstallSearch,
  parseProviderSearch,
  parseProvidersSearch,
  parseRisksSearch,
} from './search';

test('filters of providers are words that the API knows, anything else reads like none', () => {
  expect(parseProvidersSearch({ q: 'attic', tier: 'secure', state: 'banned', sort: '-name' })).toEqual({
    q: 'attic',
    tier: 'secure',
    state: 'banned',
    sort: '-name',
  });
  expect(parseProvidersSearch({ q: '', tier: 'gold', state: ['active'], sort: {} })).toEqual({});
});

test('filters of risks likewise', () => {
  expect(parseRisksSearch({ severity: 'critical', state: 'open', kind: 'clock_skew' })).toEqual({
    severity: 'critical',
    state: 'open',
    kind: 'clock_skew',
  });
  expect(parseRisksSearch({ severity: 'Critical', state: 1, kind: 'toString' })).toEqual({});
});

test('the audit log is narrowed by resource or operator', () => {
  expect(parseAuditSearch({ resource: 'hst_1' })).toEqual({ resource: 'hst_1' });
  expect(parseAuditSearch({ operator: 'usr_1', page: 3 })).toEqual({ operator: 'usr_1' });
});

test('the first tab of a provider is not named in the address', () => {
  expect(parseProviderSearch({ tab: 'overview' })).toEqual({});
  expect(parseProviderSearch({ tab: 'audit', range: '7d' })).toEqual({ tab: 'audit', range: '7d' });
  expect(parseProviderSearch({ tab: 'acts' }).tab).toBeUndefined();
});

test('an install command is for a provider, or for oneself', () => {
  expect(parseInstallSearch({ provider: 'usr_2' })).toEqual({ provider: 'usr_2' });
  expect(parseInstallSearch({ provider: null })).toEqual({});
});
