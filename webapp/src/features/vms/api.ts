import { infiniteQueryOptions, mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { newIdempotencyKey } from '@/lib/idempotency';
import type { ResourceEvent, Vm, VmAction } from '@/types/domain';
import { isChanging } from './status';

export const VMS_INTERVAL_MS = 30_000;
const CHANGING_INTERVAL_MS = 5_000;
const PAGE_SIZE = 100;

const list = ['vms', 'list'] as const;
const one = (id: string) => ['vms', 'one', id] as const;

export const vmsQuery = infiniteQueryOptions({
  queryKey: list,
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      http.GET('/v1/resources/vms', {
        params: { query: { limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
        signal,
      }),
    ),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor || undefined,
  refetchInterval: VMS_INTERVAL_MS,
});

/** Events patch it at once; the interval is the net below them. */
export const vmQuery = (id: string) =>
  queryOptions({
    queryKey: one(id),
    queryFn: ({ signal }) =>
      unwrap(http.GET('/v1/resources/vms/{vm_id}', { params: { path: { vm_id: id } }, signal })),
    refetchInterval: ({ state }) =>
      state.data && isChanging(state.data) ? CHANGING_INTERVAL_MS : VMS_INTERVAL_MS,
  });

export const vmEventsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['vms', 'events', id],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        http.GET('/v1/resources/vms/{vm_id}/events', {
          params: { path: { vm_id: id }, query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
  });

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
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    ),
  onSuccess: (vm, _input, _result, { client }) => adoptVm(client, vm),
});

/** Put a VM that an answer carried where pages look for it. */
export function adoptVm(client: QueryClient, vm: Vm): void {
  client.setQueryData(vmQuery(vm.id).queryKey, vm);
  void client.invalidateQueries({ queryKey: list });
  void client.invalidateQueries({ queryKey: ['vms', 'events', vm.id] });
  void client.invalidateQueries({ queryKey: ['billing'] });
}

/** What an event about a VM makes old. */
export function onVmEvents(client: QueryClient, events: readonly ResourceEvent[]): void {
  void client.invalidateQueries({ queryKey: list });
  for (const id of new Set(events.map((event) => event.resource_id))) {
    void client.invalidateQueries({ queryKey: one(id) });
    void client.invalidateQueries({ queryKey: ['vms', 'events', id] });
  }
}

/** What changed in the caller's world since a cursor. */
export const pollEvents = (after: string | null, signal: AbortSignal) =>
  unwrap(http.GET('/v1/resources/events', { params: { query: after ? { after } : {} }, signal }));
