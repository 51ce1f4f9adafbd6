import { mutationOptions, queryOptions } from '@tanstack/react-query';
import { http, idempotencyKey, unwrap } from '@/lib/http';
import { onceEach } from '@/lib/idempotency';
import { listQuery, type PageStart } from '@/lib/pages';
import { endSession } from '@/lib/session';
import type { ApiKeyRequest } from '@/types/domain';

const PAGE_SIZE = 50;
const pageOf = (from: PageStart) => ({ params: { query: { limit: PAGE_SIZE, ...from } } });

export const signInsQuery = listQuery({
  queryKey: ['account', 'sessions'],
  read: (from, signal) => unwrap(http.GET('/v1/auth/sessions', { ...pageOf(from), signal })),
});

export const endSignInMutation = mutationOptions({
  mutationFn: (session_id: string) =>
    unwrap(http.DELETE('/v1/auth/sessions/{session_id}', { params: { path: { session_id } } })),
  onSettled: (_data, _error, _id, _result, { client }) => client.invalidateQueries({ queryKey: ['account'] }),
});

export const changePasswordMutation = mutationOptions({
  mutationFn: (body: { current_password: string; password: string }) =>
    unwrap(http.POST('/v1/auth/password/change', { body })),
  onSuccess: (_data, _body, _result, { client }) => client.invalidateQueries({ queryKey: ['account'] }),
});

export const resendConfirmationMutation = mutationOptions({
  mutationFn: () => unwrap(http.POST('/v1/auth/email/confirmation')),
});

export const apiKeysQuery = listQuery({
  queryKey: ['account', 'api-keys'],
  read: (from, signal) => unwrap(http.GET('/v1/auth/api-keys', { ...pageOf(from), signal })),
});

const sendApiKey = onceEach((body: ApiKeyRequest, key) =>
  unwrap(http.POST('/v1/auth/api-keys', { body, headers: idempotencyKey(key) })),
);

export const createApiKeyMutation = mutationOptions({
  mutationFn: (body: ApiKeyRequest) => sendApiKey(body),
  onSuccess: (_key, _body, _result, { client }) => client.invalidateQueries({ queryKey: ['account'] }),
});

export const revokeApiKeyMutation = mutationOptions({
  mutationFn: (key_id: string) =>
    unwrap(http.DELETE('/v1/auth/api-keys/{key_id}', { params: { path: { key_id } } })),
  onSuccess: (_data, _id, _result, { client }) => client.invalidateQueries({ queryKey: ['account'] }),
});

export const auditQuery = listQuery({
  queryKey: ['account', 'audit'],
  read: (from, signal) => unwrap(http.GET('/v1/auth/audit', { ...pageOf(from), signal })),
});

export const auditVerdictQuery = queryOptions({
  queryKey: ['account', 'audit-verdict'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/auth/audit/verify', { signal })),
});

export const deleteAccountMutation = mutationOptions({
  mutationFn: (password: string) =>
    unwrap(http.DELETE('/v1/auth/me', { body: password ? { password } : {} })),
  onSuccess: endSession,
});
