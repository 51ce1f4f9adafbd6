import { expect, test } from 'vitest';
import { type ListedOperation, matches } from './search';

const given: Record<string, string> = {
  method: 'post',
  path: '/v1/resources/vms',
  operationId: 'resources_create_vm',
  summary: 'Rent a VM.',
};
const operation: ListedOperation = { get: (name) => given[name] ?? '', getIn: ([, name]) => given[name] };

test.each(['rent', 'POST vms', 'vm rent', 'create_vm', ' '])('finds an operation by %j', (phrase) => {
  expect(matches(operation, phrase)).toBe(true);
});

test.each(['undefined', 'rent host'])('does not find it by %j', (phrase) => {
  expect(matches(operation, phrase)).toBe(false);
});
