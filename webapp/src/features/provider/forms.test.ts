import { describe, expect, test } from 'vitest';
import { readWindow, windowForm } from '@/features/hosts/maintenance';
import { ApiProblem } from '@/lib/problem';
import { fromWallTime, toWallTime } from '@/lib/wall-time';
import { makeDevice, makeHost, makePriceBook, NOW } from '@/test/factories';
import { placeRefusals, priceForm, readPrices } from './prices';
import { readSettings, settingsForm } from './settings';

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

describe('settings', () => {
  const host = makeHost({ labels: { rack: '7' } });
  const form = settingsForm(host);

  test('only what differs is sent', () => {
    expect(readSettings(form, host)).toEqual({ change: {} });
    expect(readSettings({ ...form, name: 'cellar ', volume: true }, host)).toEqual({
      change: { name: 'cellar', network: { volume: true } },
    });
    expect(readSettings({ ...form, labels: 'rack=8\n\nsite/row = a=b' }, host)).toEqual({
      change: { labels: { rack: '8', 'site/row': 'a=b' } },
    });
  });

  test.each([
    [{ name: 'two words' }, 'name'],
    [{ region: 'EU' }, 'region'],
    [{ labels: 'Rack 7' }, 'labels'],
    [{ labels: 'a=1\na=2' }, 'labels'],
    [{ labels: Array.from({ length: 21 }, (_, n) => `k${n}=v`).join('\n') }, 'labels'],
  ])('%o is refused at %s', (over, field) => {
    const read = readSettings({ ...form, ...over }, host);
    expect('errors' in read && Object.keys(read.errors)).toEqual([field]);
  });
});

describe('a maintenance window', () => {
  test('begins two hours long, from the next five minutes on', () => {
    const form = { ...windowForm(makeHost(), NOW + 61_000), reason: 'disks' };
    expect(readWindow(form, NOW)).toEqual({
      body: {
        starts_at: '2026-03-01T12:05:00.000Z',
        ends_at: '2026-03-01T14:05:00.000Z',
        reason: 'disks',
      },
    });
    expect(readWindow({ ...form, reason: ' ' }, NOW)).toEqual({ errors: { reason: 'Give a reason.' } });
  });

  test('is edited as it is set', () => {
    const maintenance = {
      starts_at: '2026-03-01T13:00:00.000Z',
      ends_at: '2026-03-01T15:00:00.000Z',
      reason: 'disks',
      by_operator: false,
    };
    const { by_operator: _, ...body } = maintenance;
    expect(readWindow(windowForm(makeHost({ maintenance }), NOW), NOW)).toEqual({ body });
  });

  test.each([
    [0, -3_600_000, 'The end is in the past.'],
    [7_200_000, 3_600_000, 'The end must be after the start.'],
    [0, 31 * 86_400_000, 'A window lasts at most 30 days.'],
  ])('from %d to %d: %s', (starts, ends, message) => {
    const form = { starts: toWallTime(NOW + starts), ends: toWallTime(NOW + ends), reason: 'disks' };
    expect(readWindow(form, NOW)).toEqual({ errors: { ends_at: message } });
  });
});
