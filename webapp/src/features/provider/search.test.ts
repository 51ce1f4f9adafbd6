import { expect, test } from 'vitest';
import { parseAddSearch, parseMachineSearch, parseProviderSearch, TABS } from './search';

test('each tab of a machine but the first is named in the address', () => {
  for (const tab of Object.keys(TABS)) {
    expect(parseMachineSearch({ tab }).tab).toBe(tab === 'overview' ? undefined : tab);
  }
  expect(parseMachineSearch({ tab: 'constructor' }).tab).toBeUndefined();
});

test('the range of the charts goes along with the tab', () => {
  expect(parseMachineSearch({ tab: 'metrics', range: '24h' })).toEqual({ tab: 'metrics', range: '24h' });
});

test('the list and the enrollment keep what they were given', () => {
  expect(parseProviderSearch({ q: 4090, sort: '-earned' })).toEqual({ q: '4090', sort: '-earned' });
  expect(parseAddSearch({ code: 'enc_1' })).toEqual({ code: 'enc_1' });
  expect(parseAddSearch({ code: ['enc_1'] })).toEqual({});
});
