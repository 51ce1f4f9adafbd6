import { expect, test } from 'vitest';
import { formatDay } from '@/lib/time';
import { at, makeVm, NOW } from '@/test/factories';
import { offeredActions, validActions } from './actions';

const silent = { lost_declarable_at: at(3_600_000), actions: ['stop', 'terminate'] as const };

test('only acts that it knows are valid, in a fixed order', () => {
  const vm = makeVm({ actions: ['terminate', 'create', 'stop'] });
  expect(validActions(vm, NOW)).toEqual(['stop', 'terminate']);
});

test('what cannot be done now says why', () => {
  const vm = makeVm({ ...silent, actions: [...silent.actions] });
  expect(offeredActions(vm, NOW)).toEqual([
    { action: 'stop' },
    { action: 'reboot', whyNot: 'A reboot needs a host that is heard.' },
    { action: 'terminate' },
    {
      action: 'declare_lost',
      whyNot: `Possible from ${formatDay(at(3_600_000))}, when its host has been silent for a day.`,
    },
  ]);
  expect(offeredActions(makeVm({ status: 'rebooting', actions: ['terminate'] }), NOW)).toEqual([
    { action: 'stop', whyNot: 'It is rebooting. Wait until that is done.' },
    { action: 'reboot', whyNot: 'It is rebooting. Wait until that is done.' },
    { action: 'terminate' },
  ]);
  const stopped = makeVm({ status: 'stopped', actions: ['terminate'], lost_declarable_at: at() });
  expect(offeredActions(stopped, NOW)).toEqual([
    { action: 'start', whyNot: 'A start needs a host that is heard.' },
    { action: 'terminate' },
    { action: 'declare_lost' },
  ]);
});

test('what has ended offers nothing', () => {
  expect(offeredActions(makeVm({ status: 'lost', actions: [] }), NOW)).toEqual([]);
});
