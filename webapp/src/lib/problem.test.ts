import { expect, test } from 'vitest';
import { messagesByField, problemFrom } from './problem';

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
