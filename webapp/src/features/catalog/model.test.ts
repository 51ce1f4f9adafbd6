import { describe, expect, test } from 'vitest';
import { at, makeOffer, makeQuote, makeTemplate, NOW } from '@/test/factories';
import {
  answers,
  blockedBy,
  boundsOf,
  draftFor,
  estimatedRate,
  fittingTemplates,
  minimumSize,
  readDraft,
  smallestRate,
  suggestName,
} from './model';

const template = makeTemplate();
const big = makeTemplate({ id: 'tpl_big', min_memory_mib: 16_384 });

test('a rate is the sum of the host’s three prices', () => {
  expect(estimatedRate(makeOffer().prices, minimumSize(template))).toBe(10_000_000n + 625_000n + 100_000n);
  expect(smallestRate(makeOffer(), [big, template])).toBe(10_725_000n);
  expect(smallestRate(makeOffer({ images: [] }), [template])).toBeUndefined();
});

test('only templates that the free figures can take are offered', () => {
  expect(fittingTemplates(makeOffer(), [template, big])).toEqual([template]);
});

describe('blockedBy', () => {
  test.each([
    ['nothing for a live host with room', {}, undefined],
    ['the host’s own reason', { unavailable_reason: 'no_virtualisation' as const }, 'It cannot run VMs.'],
    ['its state', { state: 'draining' as const }, 'The host is draining.'],
    ['its silence', { last_heartbeat_at: at(-51_000) }, 'No recent heartbeat.'],
    [
      'lack of room',
      { free: { vcpus: 0, memory_mib: 8_192, disk_gib: 100, gpus: 0 } },
      'No template fits the free capacity.',
    ],
  ])('names %s', (_what, over, reason) => {
    expect(blockedBy(makeOffer(over), [template], NOW)).toBe(reason);
  });
});

describe('readDraft', () => {
  const bounds = boundsOf(makeOffer(), template);
  const draft = draftFor(template, 'web-1');

  test('starts at the template’s minimum, which is valid', () => {
    expect(readDraft(draft, bounds)).toEqual({ size: minimumSize(template), errors: {} });
  });

  test.each([
    [{ vcpus: '5' }, 'vcpus', 'At most 4 is free.'],
    [{ memoryMib: '64' }, 'memory_mib', 'At least 128.'],
    [{ diskGib: '1.5' }, 'disk_gib', 'Enter a whole number.'],
    [{ diskGib: '' }, 'disk_gib', 'Enter a whole number.'],
    [{ name: 'Web 1' }, 'name', 'Use 1–63 lowercase letters, digits and hyphens; no hyphen at either end.'],
  ])('says what is wrong with %o', (over, field, message) => {
    expect(readDraft({ ...draft, ...over }, bounds).errors).toEqual({ [field]: message });
  });
});

test('a quote answers only the size it was asked for', () => {
  const request = { template_id: 'tpl_tiny', host_id: 'hst_1', vcpus: 1, memory_mib: 128, disk_gib: 1 };
  expect(answers(makeQuote(), request)).toBe(true);
  expect(answers(makeQuote(), { ...request, vcpus: 2 })).toBe(false);
});

test('suggested names are valid', () => {
  expect(suggestName('Tiny Linux', () => 0)).toBe('tiny-linux-aaaa');
});
