import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { listQuery } from '@/lib/pages';
import type { ResourceEvent, Vm } from '@/types/domain';
import { isChanging } from './status';

export const VMS_INTERVAL_MS = 30_000;
const CHANGING_INTERVAL_MS = 5_000;
const PAGE_SIZE = 100;

const list = ['vms', 'list'] as const;
const one = (id: string) => ['vms', 'one', id] as const;

export const vmsQuery = listQuery({
  queryKey: list,
  read: (from, signal) =>
    unwrap(
      http.GET('/v1/resources/vms', {
        params: { query: { limit: PAGE_SIZE, ...from } },
        signal,
      }),
    ),
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
  listQuery({
    queryKey: ['vms', 'events', id],
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/resources/vms/{vm_id}/events', {
          params: { path: { vm_id: id }, query: { limit: 50, ...from } },
          signal,
        }),
      ),
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
