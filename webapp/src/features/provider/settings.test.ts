import { describe, expect, test } from 'vitest';
import { makeHost } from '@/test/factories';
import { readSettings, settingsForm } from './settings';

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
