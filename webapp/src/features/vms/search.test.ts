import { expect, test } from 'vitest';
import { parseVmSearch, parseVmsSearch } from './search';

test('the list shows current VMs unless the address says otherwise', () => {
  expect(parseVmsSearch({})).toEqual({});
  expect(parseVmsSearch({ view: 'current' })).toEqual({});
  expect(parseVmsSearch({ view: 'ended', q: 'web', sort: '-spent' })).toEqual({
    view: 'ended',
    q: 'web',
    sort: '-spent',
  });
  expect(parseVmsSearch({ view: 'deleted' })).toEqual({});
});

test('the page of a VM takes a tab and a question to open', () => {
  expect(parseVmSearch({ tab: 'cost', ask: 'stop' })).toEqual({ tab: 'cost', ask: 'stop' });
  expect(parseVmSearch({ tab: 'overview', ask: '' })).toEqual({});
});
