import { expect, test } from 'vitest';
import { at, makeVm } from '@/test/factories';
import type { VmStatus } from '@/types/domain';
import { isBurning, isChanging, isEnded, isUnreachable, statusLook } from './status';

const STATUSES: readonly VmStatus[] = [
  'pending',
  'provisioning',
  'running',
  'stopping',
  'stopped',
  'starting',
  'rebooting',
  'terminating',
  'terminated',
  'failed',
  'lost',
];
const those = (test: (vm: { status: VmStatus }) => boolean) => STATUSES.filter((status) => test({ status }));

test('a VM that changes has not ended, and the other way round', () => {
  expect(those(isEnded)).toEqual(['terminated', 'failed', 'lost']);
  expect(those(isChanging)).toEqual([
    'pending',
    'provisioning',
    'stopping',
    'starting',
    'rebooting',
    'terminating',
  ]);
});

test('a status of a later release is shown as it is', () => {
  expect(statusLook('hibernating' as VmStatus)).toEqual({ label: 'hibernating', tone: 'idle' });
});

test('money runs while a VM is billable and its host reachable', () => {
  expect(isBurning(makeVm())).toBe(true);
  expect(isBurning(makeVm({ billable: false }))).toBe(false);
  const cutOff = makeVm({ lost_declarable_at: at(86_400_000) });
  expect(isUnreachable(cutOff)).toBe(true);
  expect(isBurning(cutOff)).toBe(false);
});
