import { expect, test } from 'vitest';
import type { AuditEvent } from '@/types/domain';
import { auditLabel, detailText } from './model';

test('an event of a later release reads as words', () => {
  expect(auditLabel('sign_in.failed')).toBe('Sign-in failed');
  expect(auditLabel('moon.landed_on' as AuditEvent)).toBe('Moon landed on');
});

test('the detail of a record leaves out what stands in columns of its own', () => {
  expect(detailText({ key_id: 'apk_1', origin: 'ci' })).toBe('Key id apk_1 · Origin ci');
  expect(detailText({ operator_id: 'usr_1', resource_id: 'usr_2', reason: 'fraud', state: 'banned' })).toBe(
    'State banned',
  );
  expect(detailText({})).toBe('');
});
