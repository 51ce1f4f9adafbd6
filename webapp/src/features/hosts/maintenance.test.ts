import { describe, expect, test } from 'vitest';
import { toWallTime } from '@/lib/wall-time';
import { makeHost, NOW } from '@/test/factories';
import { readWindow, windowForm } from './maintenance';

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
    expect(readWindow({ ...form, reason: ' ' }, NOW)).toEqual({ errors: { reason: 'Enter a reason.' } });
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
