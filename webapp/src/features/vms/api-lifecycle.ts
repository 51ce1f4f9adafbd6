/** Acts on a VM; apart from what first load needs. */

import { mutationOptions } from '@tanstack/react-query';
import { http, idempotencyKey, unwrap } from '@/lib/http';
import { newIdempotencyKey } from '@/lib/idempotency';
import type { Vm, VmAction } from '@/types/domain';
import { adoptVm } from './api';

const LIFECYCLE = {
  start: '/v1/resources/vms/{vm_id}/start',
  stop: '/v1/resources/vms/{vm_id}/stop',
  reboot: '/v1/resources/vms/{vm_id}/reboot',
  terminate: '/v1/resources/vms/{vm_id}/terminate',
  declare_lost: '/v1/resources/vms/{vm_id}/declare-lost',
} as const;

/** The answer is the VM as it is now; lists and money follow. */
export const lifecycleMutation = mutationOptions({
  mutationFn: ({ vm, action }: { vm: Vm; action: VmAction }) =>
    unwrap(
      http.POST(LIFECYCLE[action], {
        params: { path: { vm_id: vm.id } },
        headers: idempotencyKey(newIdempotencyKey()),
      }),
    ),
  onSuccess: (vm, _input, _result, { client }) => adoptVm(client, vm),
});
