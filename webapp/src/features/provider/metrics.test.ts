import { expect, test } from 'vitest';
import { at, makeDevice, makeHost, NOW } from '@/test/factories';
import { chartPlans, formatFigure, toSeries } from './metrics';

test('a machine without a GPU has no GPU charts, one with two has two lines in each', () => {
  expect(chartPlans(makeHost()).map(({ id }) => id)).toEqual([
    'cpu',
    'load',
    'memory',
    'disk',
    'disk-rate',
    'network',
  ]);
  const devices = [makeDevice(), makeDevice({ uuid: 'GPU-2' })];
  const use = chartPlans(makeHost({ devices })).find(({ id }) => id === 'gpu-use');
  expect(use?.lines).toEqual([
    {
      label: 'GPU 0',
      source: { resource_type: 'gpu', resource_id: 'GPU-1', metric_type: 'gpu_used_percent' },
    },
    {
      label: 'GPU 1',
      source: { resource_type: 'gpu', resource_id: 'GPU-2', metric_type: 'gpu_used_percent' },
    },
  ]);
});

test('a GPU that shares the memory of its machine has no size to stand as the top', () => {
  const memory = (devices: ReturnType<typeof makeDevice>[]) =>
    chartPlans(makeHost({ devices })).find(({ id }) => id === 'gpu-memory');
  const shared = makeDevice({ uuid: 'GPU-2', vram_mib: null });
  expect(memory([shared])).not.toHaveProperty('top');
  expect(memory([makeDevice(), shared])).toMatchObject({ top: 24, topLabel: 'installed 24 GiB' });
});

test('points are shown in the unit of the title', () => {
  const network = chartPlans(makeHost()).find(({ id }) => id === 'network');
  if (!network) throw new Error('no chart of the network');
  const point = { captured_at: at(), value: 1_250_000, min: 0, max: 2_500_000, samples: 5 };
  expect(network.unit).toBe('Mbps');
  expect(toSeries(network, 'sent', [point])).toEqual({
    label: 'sent',
    points: [{ atMs: NOW, value: 10, min: 0, max: 20 }],
  });
});

test.each([
  [0, '0'],
  [0.0312, '0.031'],
  [0.5, '0.5'],
  [12.34, '12.3'],
  [1234.5, '1,235'],
  [-0.28, '−0.28'],
])('%d reads %s', (value, text) => {
  expect(formatFigure(value)).toBe(text);
});
