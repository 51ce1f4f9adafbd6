import { expect, test } from 'vitest';
import { makeOffer } from '@/test/factories';
import type { Offer } from '@/types/domain';
import { hostLook, stateLook } from './model';

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
