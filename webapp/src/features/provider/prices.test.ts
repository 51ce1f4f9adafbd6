import { describe, expect, test } from 'vitest';
import { ApiProblem } from '@/lib/problem';
import { fromWallTime, toWallTime } from '@/lib/wall-time';
import { makeDevice, makePriceBook, NOW } from '@/test/factories';
import { placeRefusals, priceForm, readPrices } from './prices';

describe('prices', () => {
  const book = makePriceBook({ gpus: [{ model: 'RTX 4090', nanos_per_hour: 345_000_000 }] });
  const form = priceForm(book, [makeDevice(), makeDevice({ uuid: 'GPU-2', model: 'H100' })]);

  test('what is shown and sent back unchanged is the same to the nano-dollar', () => {
    expect(form.units.disk_gib_nanos_per_hour).toBe('0.0001');
    expect(form.gpus).toEqual([
      { model: 'RTX 4090', rate: '0.345' },
      { model: 'H100', rate: '' },
    ]);
    const { vcpu_nanos_per_hour, memory_gib_nanos_per_hour, disk_gib_nanos_per_hour } = book;
    expect(readPrices(form, NOW)).toEqual({
      body: {
        vcpu_nanos_per_hour,
        memory_gib_nanos_per_hour,
        disk_gib_nanos_per_hour,
        network_100mbps_nanos_per_hour: 20_000_000,
        gpus: book.gpus,
        network_bonus: book.network_bonus,
        effective_at: null,
      },
    });
  });

  test('what is no price, no bonus or no coming time is told at its place', () => {
    const wrong = {
      ...form,
      units: { ...form.units, vcpu_nanos_per_hour: 'cheap' },
      gpus: [{ model: 'RTX 4090', rate: '-1' }],
      bonus: [
        { fromMbps: '500', percent: '10' },
        { fromMbps: '500', percent: '12.5' },
        { fromMbps: '0', percent: '5' },
      ],
      effectiveAt: toWallTime(NOW - 3_600_000),
    };
    const read = readPrices(wrong, NOW);
    expect('errors' in read && Object.keys(read.errors).sort()).toEqual([
      'bonus 1',
      'bonus 2',
      'effective_at',
      'gpu RTX 4090',
      'vcpu_nanos_per_hour',
    ]);
  });

  test('a time to come is sent as an instant', () => {
    const effectiveAt = toWallTime(NOW + 86_400_000);
    const read = readPrices({ ...form, effectiveAt }, NOW);
    expect('body' in read && read.body.effective_at).toBe(
      new Date(fromWallTime(effectiveAt) ?? 0).toISOString(),
    );
    expect('errors' in readPrices({ ...form, effectiveAt: ' ' }, NOW)).toBe(true);
  });

  test('a refusal of a GPU is placed by what was sent, not by what is shown', () => {
    const problem = new ApiProblem({
      status: 422,
      code: 'invalid',
      title: 'Invalid',
      errors: [
        { pointer: '/gpus/0/nanos_per_hour', code: 'x', message: 'too much' },
        { pointer: '/network_bonus/1/from_mbps', code: 'duplicate', message: 'twice' },
        { pointer: '/effective_at', code: 'late', message: 'late' },
      ],
    });
    const reversed = { ...form, gpus: [...form.gpus].reverse() };
    expect(placeRefusals(problem, reversed)).toEqual({
      'gpu RTX 4090': 'too much',
      'bonus 1': 'twice',
      effective_at: 'late',
    });
  });
});
