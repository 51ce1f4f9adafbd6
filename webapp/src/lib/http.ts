/** The typed client. Only the features' `api.ts` and `api-….ts` files call it. */
import createClient from 'openapi-fetch';
import type { ApiPaths } from '@/types/domain';
import { connection, noteAnswered, noteUnanswered } from './connection';
import { noteOmitted } from './omitted';
import { ApiProblem, networkProblem, problemFrom } from './problem';
import { bearer, refreshSession, session } from './session';
import { noteServerDate } from './time';

const TIMEOUT_MS = 20_000;
const WITHOUT_SESSION =
  /\/v1\/auth\/(login|register|refresh|logout|admin\/direct|password\/(forgot|reset)|email\/confirm)$/;

async function send(request: Request): Promise<Response> {
  const token = bearer();
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  try {
    const response = await fetch(request, {
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    noteServerDate(response.headers.get('Date'));
    noteAnswered();
    if (response.ok) noteOmitted(new URL(request.url).pathname, response.headers.get('X-Omitted-Records'));
    return response;
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    noteUnanswered();
    throw networkProblem(cause);
  }
}

function refuseWhenOffline(request: Request): void {
  if (request.method !== 'GET' && connection.get() === 'offline') {
    throw new ApiProblem({
      status: -1,
      code: 'offline',
      title: 'You are offline. Nothing was sent.',
      retryable: true,
    });
  }
}

/** Adds the token; on a 401 gets a new one and tries once more. */
export async function authorizedFetch(request: Request): Promise<Response> {
  refuseWhenOffline(request);
  if (WITHOUT_SESSION.test(new URL(request.url).pathname)) return send(request);
  const used = bearer();
  const again = request.clone();
  const response = await send(request);
  if (response.status !== 401 || session.get().status === 'signed-out') return response;
  // Another request may have refreshed while this one was under way.
  const problem = bearer() !== used ? null : await refreshSession();
  if (problem?.status === 0) throw problem;
  return problem ? response : send(again);
}

export const http = createClient<ApiPaths>({
  baseUrl: typeof window === 'undefined' ? 'http://localhost' : window.location.origin,
  credentials: 'same-origin',
  // Looked up at call time so that tests can intercept it.
  fetch: authorizedFetch,
});

interface Answer<T> {
  data?: T;
  response: Response;
}

/** The body of a success, or the problem thrown. openapi-fetch has read a failed body, so it is read from `error`. */
export async function unwrap<T>(call: Promise<Answer<T> & { error?: unknown }>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  const body = typeof error === 'string' ? error : JSON.stringify(error ?? {});
  throw await problemFrom(
    new Response(body, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    }),
  );
}

/** The change is refused with 412 unless the resource is still at this version. */
export const ifMatch = ({ version }: { version: number }) => ({ 'If-Match': `"${version}"` });

/** A call that is sent again under the same key is done once. */
export const idempotencyKey = (key: string) => ({ 'Idempotency-Key': key });
