import { expect, test } from 'vitest';
import { makeDevice, makeHost, makeMarketItem } from '@/test/factories';
import { comparePrice, comparisonText, headlineComparison, marketFor, marketText } from './market';

const vcpu = makeMarketItem();
const gpu = makeMarketItem({ item: 'gpu', model: 'RTX 4090', median_nanos_per_hour: 400_000_000 });

test('a price stands among the others, also outside their span', () => {
  expect(comparePrice('vCPU', 8_000_000, vcpu)).toMatchObject({ percent: 0, middle: 0.4285 });
  expect(comparePrice('vCPU', 20_000_000, vcpu)).toMatchObject({ percent: 150, share: 1, middle: 0.2 });
  expect(comparisonText(comparePrice('vCPU', 4_000_000, vcpu))).toBe('50% below the median');
  expect(comparisonText({ percent: 0, market: vcpu })).toBe('at the median');
  expect(comparisonText({ percent: 40, market: makeMarketItem({ hosts: 1 }) })).toBe('the only offer');
  expect(marketText({ market: vcpu })).toBe('median $0.008, $0.005–$0.012 over 3 machines');
});

test('a machine is compared by its GPU when it sells one, else by its vCPUs', () => {
  const market = [vcpu, gpu];
  expect(headlineComparison(makeHost(), market)?.what).toBe('vCPU');
  const withGpu = makeHost({
    devices: [makeDevice()],
    prices: { ...makeHost().prices, gpus: [{ model: 'RTX 4090', nanos_per_hour: 500_000_000 }] },
  });
  expect(headlineComparison(withGpu, market)).toMatchObject({ what: 'RTX 4090', percent: 25 });
  expect(headlineComparison(makeHost({ devices: [makeDevice()] }), market)?.what).toBe('vCPU');
  expect(headlineComparison(makeHost(), [])).toBeUndefined();
  expect(marketFor(market, 'gpu', 'H100')).toBeUndefined();
});
