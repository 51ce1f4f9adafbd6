import { HttpResponse, http as mock } from 'msw';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeGrant, makeUser, refuse } from '@/test/factories';
import { server } from '@/test/server';
import { connection } from './connection';
import { http, idempotencyKey, ifMatch, unwrap } from './http';
import { omitted } from './omitted';
import { adoptGrant, endSession } from './session';
import { serverNow } from './time';

beforeEach(() => {
  endSession();
  adoptGrant(makeGrant({ access_token: 'token' }));
  connection.set('online');
});
afterEach(() => connection.set('online'));

const me = (signal?: AbortSignal) => unwrap(http.GET('/v1/auth/me', signal ? { signal } : {}));

describe('a request', () => {
  test('carries the token and keeps the server’s clock and the count of omitted records', async () => {
    let authorization: string | null = null;
    const ahead = new Date(Date.now() + 3_600_000).toUTCString();
    server.use(
      mock.get('*/v1/auth/me', ({ request }) => {
        authorization = request.headers.get('Authorization');
        return HttpResponse.json(makeUser(), { headers: { Date: ahead, 'X-Omitted-Records': '4' } });
      }),
    );
    expect(await me()).toMatchObject({ id: 'usr_1' });
    expect(authorization).toBe('Bearer token');
    expect(omitted.get().get('/v1/auth/me')).toBe(4);
    expect(serverNow() - Date.now()).toBeGreaterThan(3_590_000);
    server.use(
      mock.get('*/v1/auth/me', () =>
        HttpResponse.json(makeUser(), { headers: { Date: new Date().toUTCString() } }),
      ),
    );
    await me();
    expect(omitted.get().has('/v1/auth/me')).toBe(false);
  });

  test('that the server refuses is thrown as the problem it names', async () => {
    server.use(
      mock.get('*/v1/auth/me', () => refuse({ status: 403, code: 'forbidden', detail: 'Not you.' })),
    );
    await expect(me()).rejects.toMatchObject({ status: 403, code: 'forbidden', detail: 'Not you.' });
  });

  test('without an answer says that the server is unreachable, until it answers', async () => {
    server.use(mock.get('*/v1/auth/me', () => HttpResponse.error()));
    await expect(me()).rejects.toMatchObject({ status: 0, code: 'unreachable' });
    expect(connection.get()).toBe('unreachable');
    server.use(mock.get('*/v1/auth/me', () => HttpResponse.json(makeUser())));
    await me();
    expect(connection.get()).toBe('online');
  });

  test('that the page gave up is no sign of a lost connection', async () => {
    server.use(mock.get('*/v1/auth/me', () => new Promise<never>(() => undefined)));
    const abort = new AbortController();
    const answer = me(abort.signal);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(connection.get()).toBe('online');
  });
});

describe('offline', () => {
  test('a write is not sent, a read is', async () => {
    let writes = 0;
    server.use(
      mock.post('*/v1/auth/logout', () => {
        writes += 1;
        return new HttpResponse(null, { status: 204 });
      }),
      mock.get('*/v1/auth/me', () => HttpResponse.json(makeUser())),
    );
    connection.set('offline');
    await expect(unwrap(http.POST('/v1/auth/logout'))).rejects.toMatchObject({ code: 'offline' });
    expect(writes).toBe(0);
    expect(await me()).toMatchObject({ id: 'usr_1' });
  });
});

test('a sign-in that is refused asks for no new token', async () => {
  let refreshes = 0;
  server.use(
    mock.post('*/v1/auth/login', () => refuse({ status: 401, code: 'wrong_credentials' })),
    mock.post('*/v1/auth/refresh', () => {
      refreshes += 1;
      return HttpResponse.json(makeGrant());
    }),
  );
  const body = { email: 'ada@example.org', password: 'wrong wrong wrong' };
  await expect(unwrap(http.POST('/v1/auth/login', { body }))).rejects.toMatchObject({ status: 401 });
  expect(refreshes).toBe(0);
});

test('headers name the version and the key as the API wants them', () => {
  expect(ifMatch({ version: 7 })).toEqual({ 'If-Match': '"7"' });
  expect(idempotencyKey('k')).toEqual({ 'Idempotency-Key': 'k' });
});
