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
    { action: 'reboot', disabledReason: 'Its host is unreachable.' },
    { action: 'terminate' },
    {
      action: 'declare_lost',
      disabledReason: `Available from ${formatDay(at(3_600_000))}, when its host has been unreachable for a day.`,
    },
  ]);
  expect(offeredActions(makeVm({ status: 'rebooting', actions: ['terminate'] }), NOW)).toEqual([
    { action: 'stop', disabledReason: 'It is rebooting. Wait for it to finish.' },
    { action: 'reboot', disabledReason: 'It is rebooting. Wait for it to finish.' },
    { action: 'terminate' },
  ]);
  const stopped = makeVm({ status: 'stopped', actions: ['terminate'], lost_declarable_at: at() });
  expect(offeredActions(stopped, NOW)).toEqual([
    { action: 'start', disabledReason: 'Its host is unreachable.' },
    { action: 'terminate' },
    { action: 'declare_lost' },
  ]);
});

test('what has ended offers nothing', () => {
  expect(offeredActions(makeVm({ status: 'lost', actions: [] }), NOW)).toEqual([]);
});
