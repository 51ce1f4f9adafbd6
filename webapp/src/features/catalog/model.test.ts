import { describe, expect, test } from 'vitest';
import { ApiProblem } from '@/lib/problem';
import { at, makeOffer, makeQuote, makeTemplate, NOW } from '@/test/factories';
import {
  alternativeOf,
  answers,
  blockedBy,
  boundsOf,
  constraintText,
  draftFor,
  estimatedRate,
  fittingTemplates,
  isTaken,
  itemText,
  matchesQuery,
  minimumSize,
  nextBest,
  priceUnit,
  readDraft,
  refusalText,
  secondsLeft,
  smallestRate,
  suggestName,
  typedSize,
  wishedDraft,
  withTemplate,
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

describe('the search', () => {
  test.each([
    ['', true],
    ['  ATLAS ', true],
    ['epyc', true],
    ['hst_1', true],
    ['loc', true],
    ['rack', false],
  ])('for %j finds atlas: %s', (query, found) => {
    expect(matchesQuery(makeOffer(), query)).toBe(found);
  });
});

describe('a draft', () => {
  const draft = { ...draftFor(template, 'web-1'), vcpus: '3', memoryMib: '64' };

  test('takes over a wish as far as it is named', () => {
    expect(wishedDraft(draft, { vcpus: 2 })).toEqual({ ...draft, vcpus: '2' });
    expect(wishedDraft(draft, {})).toEqual(draft);
  });

  test('of another template is raised to its minimum and never lowered', () => {
    const next = withTemplate(draft, makeTemplate({ id: 'tpl_2', min_vcpus: 2, min_memory_mib: 512 }));
    expect(next).toMatchObject({ templateId: 'tpl_2', vcpus: '3', memoryMib: '512', diskGib: '1' });
    expect(withTemplate({ ...draft, vcpus: 'two' }, template).vcpus).toBe('1');
  });

  test('has a size once every field holds a whole number, free or not', () => {
    expect(typedSize({ ...draft, vcpus: '999' })).toEqual({ vcpus: 999, memory_mib: 64, disk_gib: 1 });
    for (const vcpus of ['', '1.5', '-1', 'two']) expect(typedSize({ ...draft, vcpus })).toBeUndefined();
  });
});

describe('a size is taken', () => {
  const size = { vcpus: 2, memory_mib: 512, disk_gib: 10 };
  test.each([
    ['when it was free before and is no more', { ...size, vcpus: 1 }, size, true],
    ['not while it is free', size, size, false],
    ['not when it never was', { ...size, vcpus: 1 }, { ...size, vcpus: 1 }, false],
  ])('%s', (_when, free, seen, taken) => {
    expect(isTaken(size, free, seen)).toBe(taken);
    expect(isTaken(undefined, free, seen)).toBe(false);
  });
});

describe('the next best machine', () => {
  const size = { vcpus: 4, memory_mib: 1_024, disk_gib: 10 };
  const offer = (id: string, vcpus: number, price: number) =>
    makeOffer({
      id,
      name: id,
      free: { vcpus, memory_mib: 8_192, disk_gib: 100, gpus: 0 },
      prices: { ...makeOffer().prices, vcpu_nanos_per_hour: price },
    });

  test('is the cheapest with room for all of it', () => {
    const found = nextBest(
      [offer('dear', 8, 20), offer('cheap', 4, 10), offer('small', 2, 1)],
      template,
      size,
      NOW,
    );
    expect(found).toMatchObject({ hostId: 'cheap', hostName: 'cheap', size });
  });

  test('is else the one with the most of it, and names what it has', () => {
    const found = nextBest([offer('one', 1, 1), offer('three', 3, 9)], template, size, NOW);
    expect(found).toMatchObject({ hostId: 'three', size: { ...size, vcpus: 3 } });
    expect(found?.rateNanosPerHour).toBe(estimatedRate(offer('three', 3, 9).prices, { ...size, vcpus: 3 }));
  });

  test('is none where nothing can be deployed', () => {
    const gone = { ...offer('gone', 8, 1), state: 'offline' as const };
    const unheard = { ...offer('unheard', 8, 1), last_heartbeat_at: at(-60_000) };
    expect(nextBest([gone, unheard], template, size, NOW)).toBeUndefined();
  });

  test('may be named by the server', () => {
    const nearest = {
      hostId: 'hst_2',
      hostName: 'rack',
      vcpus: 1,
      memoryMib: 128,
      diskGib: 1,
      rateNanosPerHour: 7,
    };
    const refused = new ApiProblem({ status: 409, code: 'no_capacity', title: 'x', nearest });
    expect(alternativeOf(refused)).toEqual({
      hostId: 'hst_2',
      hostName: 'rack',
      size: { vcpus: 1, memory_mib: 128, disk_gib: 1 },
      rateNanosPerHour: 7,
    });
    expect(alternativeOf(new ApiProblem({ status: 409, code: 'x', title: 'x' }))).toBeUndefined();
    expect(refusalText(refused)).toBe('Not enough free capacity.');
    expect(refusalText(new ApiProblem({ status: 500, code: 'x', title: 'x' }))).toBe(
      'The VM was not deployed.',
    );
  });
});

describe('why nothing fits', () => {
  const base = { name: 'memory', rejected: 1, wouldMatch: 0 };
  test.each([
    [
      { ...base, needed: 512, largestFree: 128, largestOffered: 256 },
      '128 of 256 MiB of memory free, 512 needed',
    ],
    [{ ...base, needed: 512, largestFree: 128 }, '128 of 512 MiB of memory free, 512 needed'],
    [
      { ...base, rejected: 3, needed: 512, largestFree: 128 },
      '3 hosts with at most 128 of 512 MiB of memory free',
    ],
    [
      { ...base, name: 'cloud_type', rejected: 2, wouldMatch: 1 },
      'Cloud type: 2 hosts rejected; 1 host would fit without it',
    ],
    [{ ...base, name: 'region' }, 'Region: 1 host rejected'],
  ])('%o reads %s', (constraint, text) => {
    expect(constraintText(constraint)).toBe(text);
  });
});

test('a quote counts down to nothing and not below', () => {
  const quote = makeQuote({ expires_at: at(90_000) });
  expect(secondsLeft(quote, NOW)).toBe(90);
  expect(secondsLeft(quote, NOW + 100_000)).toBe(0);
});

test('lines of a quote are named and priced as people read them', () => {
  expect([itemText('vcpus'), itemText('network_bonus')]).toEqual(['vCPU', 'Network bonus']);
  expect([priceUnit('MiB'), priceUnit('vCPU')]).toEqual(['GiB', 'vCPU']);
});

test('a suggested name fits the limit, whatever it is made of', () => {
  expect(suggestName('…', () => 0)).toBe('vm-aaaa');
  expect(suggestName('x'.repeat(100), () => 0)).toHaveLength(63);
});
