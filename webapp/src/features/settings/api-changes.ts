/** Changes of SSH keys; apart from what first load needs. */

import { mutationOptions } from '@tanstack/react-query';
import { http, idempotencyKey, unwrap } from '@/lib/http';
import { onceEach } from '@/lib/idempotency';

type SshKeyBody = { name: string; public_key: string };

const sendSshKey = onceEach((body: SshKeyBody, key) =>
  unwrap(http.POST('/v1/auth/ssh-keys', { body, headers: idempotencyKey(key) })),
);

export const addSshKeyMutation = mutationOptions({
  mutationFn: (body: SshKeyBody) => sendSshKey(body),
  onSuccess: (_key, _body, _result, { client }) => client.invalidateQueries({ queryKey: ['ssh-keys'] }),
});

export const deleteSshKeyMutation = mutationOptions({
  mutationFn: (key_id: string) =>
    unwrap(http.DELETE('/v1/auth/ssh-keys/{key_id}', { params: { path: { key_id } } })),
  onSuccess: (_data, _id, _result, { client }) => client.invalidateQueries({ queryKey: ['ssh-keys'] }),
});
