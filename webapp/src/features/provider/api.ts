import { keepPreviousData, mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { http, idempotencyKey, ifMatch, unwrap } from '@/lib/http';
import { newIdempotencyKey, onceEach } from '@/lib/idempotency';
import { listQuery } from '@/lib/pages';
import type { TimeWindow } from '@/lib/range';
import type { EnrollmentCodeRequest, Host, HostChange, MetricPoint, PriceBookRequest } from '@/types/domain';
import type { ChartLine, MetricSource } from './metrics';

export const MACHINES_INTERVAL_MS = 10_000;
export const MACHINE_INTERVAL_MS = 5_000;
export const EARNINGS_INTERVAL_MS = 60_000;
export const ENROLLMENT_INTERVAL_MS = 2_000;
const MARKET_INTERVAL_MS = 300_000;
const PAGE_SIZE = 50;
const MAX_SERIES_PAGES = 8;

const one = (id: string) => ['provider', 'hosts', id] as const;
const prices = (id: string) => ['provider', 'prices', id] as const;
const next = (cursor: string) => (cursor ? { cursor } : {});

export const machinesQuery = listQuery({
  queryKey: ['provider', 'hosts'],
  read: (from, signal) =>
    unwrap(http.GET('/v1/provider/hosts', { params: { query: { limit: 200, ...from } }, signal })),
  refetchInterval: MACHINES_INTERVAL_MS,
});

export const machineQuery = (id: string) =>
  queryOptions({
    queryKey: one(id),
    queryFn: ({ signal }) =>
      unwrap(http.GET('/v1/provider/hosts/{host_id}', { params: { path: { host_id: id } }, signal })),
    refetchInterval: MACHINE_INTERVAL_MS,
  });

export const machineEventsQuery = (id: string) =>
  listQuery({
    queryKey: ['provider', 'events', id],
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/provider/hosts/{host_id}/events', {
          params: { path: { host_id: id }, query: { limit: PAGE_SIZE, ...from } },
          signal,
        }),
      ),
  });

export const rentalsQuery = (id: string) =>
  listQuery({
    queryKey: ['provider', 'rentals', id],
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/provider/allocations', {
          params: { query: { host_id: id, limit: 10, ...from } },
          signal,
        }),
      ),
    refetchInterval: EARNINGS_INTERVAL_MS,
  });

export const selfTestsQuery = (id: string) =>
  listQuery({
    queryKey: ['provider', 'self-tests', id],
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/provider/hosts/{host_id}/self-tests', {
          params: { path: { host_id: id }, query: { limit: PAGE_SIZE, ...from } },
          signal,
        }),
      ),
  });

export const pricesQuery = (id: string) =>
  listQuery({
    queryKey: prices(id),
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/provider/hosts/{host_id}/prices', {
          params: { path: { host_id: id }, query: { limit: PAGE_SIZE, ...from } },
          signal,
        }),
      ),
  });

export const marketQuery = queryOptions({
  queryKey: ['provider', 'market'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/provider/market', { signal })),
  refetchInterval: MARKET_INTERVAL_MS,
});

export const earningsQuery = queryOptions({
  queryKey: ['provider', 'earnings'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/provider/earnings', { signal })),
  refetchInterval: EARNINGS_INTERVAL_MS,
});

export const overviewQuery = queryOptions({
  queryKey: ['provider', 'overview'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/provider/overview', { signal })),
  refetchInterval: MACHINES_INTERVAL_MS,
});

export const profileQuery = queryOptions({
  queryKey: ['provider', 'profile'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/provider/profile', { signal })),
  staleTime: 30_000,
});

interface ProfileChange {
  displayName: string;
  version: number;
}

export const renameProviderMutation = mutationOptions({
  mutationFn: ({ displayName, version }: ProfileChange) =>
    unwrap(
      http.PUT('/v1/provider/profile', {
        body: { display_name: displayName },
        headers: ifMatch({ version }),
      }),
    ),
  onSettled: (_profile, _error, _change, _result, { client }) =>
    client.invalidateQueries({ queryKey: profileQuery.queryKey }),
});

const sendCode = onceEach((body: EnrollmentCodeRequest, key) =>
  unwrap(http.POST('/v1/provider/enrollment-codes', { body, headers: idempotencyKey(key) })),
);

export const enrollmentCodeMutation = mutationOptions({
  mutationFn: (body: EnrollmentCodeRequest) => sendCode(body),
});

/** What became of a code; asked often until that is settled. */
export const enrollmentQuery = (codeId: string) =>
  queryOptions({
    queryKey: ['provider', 'codes', codeId],
    queryFn: ({ signal }) =>
      unwrap(
        http.GET('/v1/provider/enrollment-codes/{code_id}', {
          params: { path: { code_id: codeId } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data && state.data.state !== 'waiting' ? false : ENROLLMENT_INTERVAL_MS,
  });

interface MachineChange {
  host: Pick<Host, 'id' | 'version'>;
  change: HostChange;
}

/** Refused with 412 when the machine is not as the caller saw it. */
export const changeMachineMutation = mutationOptions({
  mutationFn: ({ host, change }: MachineChange) =>
    unwrap(
      http.PATCH('/v1/provider/hosts/{host_id}', {
        params: { path: { host_id: host.id } },
        body: change,
        headers: ifMatch(host),
      }),
    ),
  onSuccess: (host, _change, _result, { client }) => adoptMachine(client, host),
  onError: (_error, { host }, _result, { client }) => {
    void client.invalidateQueries({ queryKey: one(host.id) });
  },
});

const ACTS = {
  offer_capacity: '/v1/provider/hosts/{host_id}/capacity',
  retire: '/v1/provider/hosts/{host_id}/retire',
} as const;

export type MachineAction = keyof typeof ACTS;

export const machineActionMutation = mutationOptions({
  mutationFn: ({ host, act }: { host: Pick<Host, 'id'>; act: MachineAction }) =>
    unwrap(http.POST(ACTS[act], { params: { path: { host_id: host.id } } })),
  onSuccess: (host, _act, _result, { client }) => adoptMachine(client, host),
});

/** Put a machine that an answer carried where pages look for it. */
function adoptMachine(client: QueryClient, host: Host): void {
  client.setQueryData(machineQuery(host.id).queryKey, host);
  void client.invalidateQueries({ queryKey: machinesQuery.queryKey, exact: true });
  void client.invalidateQueries({ queryKey: ['provider', 'events', host.id] });
  void client.invalidateQueries({ queryKey: overviewQuery.queryKey });
}

interface PriceChange {
  hostId: string;
  prices: PriceBookRequest;
}

export const publishPricesMutation = mutationOptions({
  mutationFn: ({ hostId, prices: body }: PriceChange) =>
    unwrap(
      http.POST('/v1/provider/hosts/{host_id}/prices', {
        params: { path: { host_id: hostId } },
        body,
        headers: idempotencyKey(newIdempotencyKey()),
      }),
    ),
  onSettled: (_book, _error, { hostId }, _result, { client }) =>
    Promise.all([
      client.invalidateQueries({ queryKey: prices(hostId) }),
      client.invalidateQueries({ queryKey: one(hostId) }),
      client.invalidateQueries({ queryKey: machinesQuery.queryKey, exact: true }),
    ]),
});

/** All points of one series in a window, whose page count is bounded by the resolution that the server chooses. */
async function readSeries(source: MetricSource, { fromMs, toMs }: TimeWindow, signal: AbortSignal) {
  const points: MetricPoint[] = [];
  let cursor = '';
  let everyS = 0;
  for (let page = 0; page < MAX_SERIES_PAGES; page += 1) {
    const query = {
      ...source,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      limit: 500,
      ...next(cursor),
    };
    const answer = await unwrap(http.GET('/v1/resources/metrics', { params: { query }, signal }));
    points.push(...answer.items);
    everyS = answer.resolution_s;
    if (!answer.next_cursor) break;
    cursor = answer.next_cursor;
  }
  return { points, everyS };
}

/** The lines of one chart. The last window's points stay on screen while the next are fetched. */
export const chartQuery = (chart: string, lines: readonly ChartLine[], window: TimeWindow) =>
  queryOptions({
    queryKey: ['metrics', chart, lines.map(({ source }) => source.resource_id), window],
    queryFn: async ({ signal }) => {
      const read = await Promise.all(lines.map(({ source }) => readSeries(source, window, signal)));
      return {
        lines: read.map(({ points }) => points),
        everyS: Math.max(0, ...read.map(({ everyS }) => everyS)),
      };
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
