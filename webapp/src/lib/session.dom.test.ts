import { HttpResponse, http as mock } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeGrant, makeUser, refuse } from '@/test/factories';
import { server } from '@/test/server';
import { http, unwrap } from './http';
import { ApiProblem } from './problem';
import { adoptGrant, endSession, refreshSession, session } from './session';

const me = () => unwrap(http.GET('/v1/auth/me'));

function answerMe(validToken: string, calls: string[] = []) {
  server.use(
    mock.get('*/v1/auth/me', ({ request }) => {
      const token = request.headers.get('Authorization') ?? '';
      calls.push(token);
      return token === `Bearer ${validToken}`
        ? HttpResponse.json(makeUser())
        : refuse({ status: 401, code: 'token_expired' });
    }),
  );
  return calls;
}

beforeEach(() => {
  endSession();
  adoptGrant(makeGrant({ access_token: 'old' }));
});

describe('a request whose token has expired', () => {
  test('refreshes once for all that wait, and goes out again', async () => {
    const calls = answerMe('new');
    let refreshes = 0;
    server.use(
      mock.post('*/v1/auth/refresh', () => {
        refreshes += 1;
        return HttpResponse.json(makeGrant({ access_token: 'new' }));
      }),
    );
    const users = await Promise.all([me(), me(), me()]);
    expect(users.map((user) => user.id)).toEqual(['usr_1', 'usr_1', 'usr_1']);
    expect(refreshes).toBe(1);
    expect(calls.filter((token) => token === 'Bearer new')).toHaveLength(3);
  });

  test('sends the body of a write again in full', async () => {
    const bodies: unknown[] = [];
    server.use(
      mock.post('*/v1/auth/refresh', () => HttpResponse.json(makeGrant({ access_token: 'new' }))),
      mock.post('*/v1/auth/ssh-keys', async ({ request }) => {
        bodies.push(await request.json());
        return request.headers.get('Authorization') === 'Bearer new'
          ? HttpResponse.json({ id: 'key_1' }, { status: 201 })
          : refuse({ status: 401, code: 'token_expired' });
      }),
    );
    const body = { name: 'laptop', public_key: 'ssh-ed25519 AAAA' };
    await unwrap(http.POST('/v1/auth/ssh-keys', { body }));
    expect(bodies).toEqual([body, body]);
  });

  test('ends the session when the refresh is refused', async () => {
    answerMe('new');
    server.use(mock.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'no_session' })));
    await expect(me()).rejects.toMatchObject({ status: 401 });
    expect(session.get()).toEqual({ status: 'signed-out', reason: 'ended' });
  });

  test('says why the session ended where the server knows', async () => {
    answerMe('new');
    server.use(
      mock.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'session_ended', reason: 'reused' })),
    );
    await expect(me()).rejects.toMatchObject({ status: 401 });
    expect(session.get()).toEqual({ status: 'signed-out', reason: 'ended', why: 'reused' });
  });

  test('keeps what ended the session when a later request is refused too', async () => {
    answerMe('new');
    server.use(
      mock.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'session_ended', reason: 'reused' })),
    );
    await refreshSession();
    server.use(mock.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'no_session' })));
    await refreshSession();
    expect(session.get()).toEqual({ status: 'signed-out', reason: 'ended', why: 'reused' });
  });

  test('asks once more when the answer to the refresh is lost', async () => {
    answerMe('new');
    let refreshes = 0;
    server.use(
      mock.post('*/v1/auth/refresh', () => {
        refreshes += 1;
        return refreshes === 1 ? HttpResponse.error() : HttpResponse.json(makeGrant({ access_token: 'new' }));
      }),
    );
    expect((await me()).id).toBe('usr_1');
    expect(session.get().status).toBe('signed-in');
  });

  test('keeps the session when the server is in trouble or away', async () => {
    answerMe('new');
    server.use(mock.post('*/v1/auth/refresh', () => refuse({ status: 503, code: 'busy' })));
    await expect(me()).rejects.toBeInstanceOf(ApiProblem);
    expect(session.get().status).toBe('signed-in');

    server.use(mock.post('*/v1/auth/refresh', () => HttpResponse.error()));
    await expect(me()).rejects.toMatchObject({ status: 0, code: 'unreachable' });
    expect(session.get().status).toBe('signed-in');
  });

  test('is tried again only once', async () => {
    const calls = answerMe('never');
    server.use(mock.post('*/v1/auth/refresh', () => HttpResponse.json(makeGrant({ access_token: 'new' }))));
    await expect(me()).rejects.toMatchObject({ status: 401 });
    expect(calls).toEqual(['Bearer old', 'Bearer new']);
  });
});

test('the access token is in no storage', async () => {
  server.use(mock.post('*/v1/auth/refresh', () => HttpResponse.json(makeGrant({ access_token: 'sesame' }))));
  await refreshSession();
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain('sesame');
  expect(document.cookie).not.toContain('sesame');
});

test('a wrong password is not answered with a refresh', async () => {
  server.use(mock.post('*/v1/auth/login', () => refuse({ status: 401, code: 'wrong_credentials' })));
  const body = { email: 'ada@example.org', password: 'wrong' };
  await expect(unwrap(http.POST('/v1/auth/login', { body }))).rejects.toMatchObject({
    code: 'wrong_credentials',
  });
});
