import { describe, expect, test } from 'vitest';
import { ApiProblem, asProblem, messagesByField, networkProblem, problemFrom } from './problem';

test('reads problem+json with constraints and request id', async () => {
  const body = {
    title: 'No capacity',
    code: 'no_capacity',
    detail: 'Every host was rejected.',
    request_id: 'req_7',
    constraints: [{ constraint: 'memory', rejected: 2, would_match: 1 }],
    nearest: {
      host_id: 'hst_2',
      host_name: 'rack',
      vcpus: 1,
      memory_mib: 128,
      disk_gib: 1,
      rate_nanos_per_hour: 7,
    },
  };
  const problem = await problemFrom(new Response(JSON.stringify(body), { status: 409 }));
  expect(problem).toMatchObject({
    status: 409,
    code: 'no_capacity',
    requestId: 'req_7',
    retryable: false,
    constraints: [{ name: 'memory', rejected: 2, wouldMatch: 1 }],
    nearest: { hostId: 'hst_2', hostName: 'rack', vcpus: 1, memoryMib: 128, diskGib: 1, rateNanosPerHour: 7 },
  });
});

test('survives a body that is not JSON', async () => {
  const problem = await problemFrom(new Response('<h1>Bad gateway</h1>', { status: 502 }));
  expect(problem).toMatchObject({ status: 502, code: 'http_502', retryable: true });
});

test('points messages at their fields, whatever the pointer’s dialect', async () => {
  const errors = [
    { pointer: '/email', code: 'taken', message: 'Taken.' },
    { pointer: '#/password', code: 'short', message: 'Too short.' },
    { pointer: '/body/name', code: 'empty', message: 'Empty.' },
  ];
  const problem = await problemFrom(new Response(JSON.stringify({ errors }), { status: 422 }));
  expect(messagesByField(problem)).toEqual({ email: 'Taken.', password: 'Too short.', name: 'Empty.' });
});

describe('an answer that is not what the API promises', () => {
  const read = (body: unknown, init: ResponseInit = { status: 500 }) =>
    problemFrom(new Response(JSON.stringify(body), init));

  test.each([[[]], ['text'], [null], [{ errors: 'none', constraints: {}, nearest: 7 }]])(
    '%j is read as far as it goes',
    async (body) => {
      expect(await read(body)).toMatchObject({ errors: [], constraints: [], nearest: undefined });
    },
  );

  test('a nearest machine that lacks a number is none', async () => {
    const nearest = { host_id: 'hst_2', vcpus: 1, memory_mib: 128, disk_gib: 1 };
    expect((await read({ nearest })).nearest).toBeUndefined();
    const priced = { ...nearest, rate_nanos_per_hour: 0 };
    expect((await read({ nearest: priced })).nearest).toMatchObject({ hostName: 'hst_2' });
  });

  test('the request id and the wait may stand in headers', async () => {
    const headers = { 'X-Request-Id': 'req_9', 'Retry-After': '30' };
    expect(await read({}, { status: 429, headers })).toMatchObject({
      requestId: 'req_9',
      retryAfterS: 30,
      retryable: false,
    });
    expect((await read({}, { status: 503, headers: { 'Retry-After': 'soon' } })).retryAfterS).toBeUndefined();
  });

  test('the server decides what may be retried', async () => {
    expect((await read({ retryable: false })).retryable).toBe(false);
    expect((await read({ retryable: true }, { status: 409 })).retryable).toBe(true);
  });
});

describe('a request without an answer', () => {
  test('may have been done, and may be sent again', () => {
    const problem = networkProblem(new TypeError('failed to fetch'));
    expect(problem).toMatchObject({ status: 0, code: 'unreachable', retryable: true, isUncertain: true });
  });

  test('is told apart from one that took too long', () => {
    expect(networkProblem(new DOMException('', 'TimeoutError')).code).toBe('timeout');
    expect(networkProblem(new DOMException('', 'AbortError')).code).toBe('unreachable');
  });
});

test('anything that is thrown is a problem with words', () => {
  const problem = networkProblem(null);
  expect(asProblem(problem)).toBe(problem);
  expect(asProblem(new Error('No such luck.'))).toMatchObject({ title: 'No such luck.', retryable: false });
  expect(asProblem('text')).toMatchObject({ code: 'unexpected', title: 'Something went wrong.' });
});

test('of several messages for one field the first stands, and those for none are left out', () => {
  const errors = [
    { pointer: '/name', code: 'a', message: 'First.' },
    { pointer: '/name', code: 'b', message: 'Second.' },
    { pointer: '', code: 'c', message: 'Of the whole.' },
  ];
  const problem = new ApiProblem({ status: 422, code: 'invalid', title: 'Invalid', errors });
  expect(messagesByField(problem)).toEqual({ name: 'First.' });
});
