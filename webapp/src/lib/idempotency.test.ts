import { expect, test } from 'vitest';
import { createOrderKeys, onceEach } from './idempotency';
import { ApiProblem } from './problem';

const lost = new ApiProblem({ status: 0, code: 'unreachable', title: 'lost' });
const refused = new ApiProblem({ status: 409, code: 'no_capacity', title: 'refused' });

test('an order whose answer was lost goes out again under the same key', () => {
  const keys = createOrderKeys();
  const first = keys.keyFor({ vcpus: 1 });
  keys.settle(lost);
  expect(keys.keyFor({ vcpus: 1 })).toBe(first);
});

test('another body or a settled outcome gets another key', () => {
  const keys = createOrderKeys();
  const first = keys.keyFor({ vcpus: 1 });
  expect(keys.keyFor({ vcpus: 2 })).not.toBe(first);
  const second = keys.keyFor({ vcpus: 2 });
  keys.settle(refused);
  expect(keys.keyFor({ vcpus: 2 })).not.toBe(second);
});

test('a mutation pressed again after a lost answer keeps its key, and a refused one does not', async () => {
  const keys: string[] = [];
  const answers = [lost, refused, null];
  const send = onceEach(async (_body: { name: string }, key: string) => {
    keys.push(key);
    const answer = answers.shift();
    if (answer) throw answer;
    return 'made';
  });
  await expect(send({ name: 'a' })).rejects.toBe(lost);
  await expect(send({ name: 'a' })).rejects.toBe(refused);
  expect(await send({ name: 'a' })).toBe('made');
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[1]);
});
