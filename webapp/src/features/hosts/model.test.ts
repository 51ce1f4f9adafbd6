import { expect, test } from 'vitest';
import { at, makeOffer, NOW } from '@/test/factories';
import type { Offer } from '@/types/domain';
import { freshness, gpuSummary, hostLook, reasonText, stateLook, stateReasonText } from './model';

const sale = (state: Offer['sale']['state'], reason: Offer['sale']['reason'] = null) => ({
  state,
  reason,
  since: null,
});

test.each<[string, Partial<Offer>]>([
  ['Available', {}],
  ['Full', { sale: sale('full', 'sold_out') }],
  ['Unavailable', { sale: sale('unavailable', 'no_images') }],
  ['Draining', { state: 'draining', sale: sale('unavailable', 'host_draining') }],
])('%s is what the server says of the sale', (label, over) => {
  expect(hostLook(makeOffer(over)).label).toBe(label);
});

test('a host that is ready is not thereby available', () => {
  expect(stateLook('ready').label).toBe('Ready');
});

test.each([
  [null, 'expired'],
  [undefined, 'expired'],
  [at(-20_000), 'fresh'],
  [at(-21_000), 'stale'],
  [at(-51_000), 'expired'],
])('a heartbeat at %s is %s', (heartbeat, expected) => {
  expect(freshness(heartbeat, NOW)).toBe(expected);
});

test('GPUs are counted by model, in the order of the machine', () => {
  const gpus = ['RTX 4090', 'L4', 'RTX 4090'].map((model) => ({ model }));
  expect(gpuSummary(gpus)).toBe('2× RTX 4090, 1× L4');
  expect(gpuSummary([])).toBe('');
});

test('reasons of a later release read as words', () => {
  expect(reasonText('sold_out')).toBe('It is fully rented.');
  expect(reasonText('on_fire' as never)).toBe('On fire');
  expect(stateReasonText('moved_away' as never)).toBe('Moved away');
  expect(stateLook('asleep' as never)).toEqual({ label: 'Asleep', tone: 'idle' });
});
